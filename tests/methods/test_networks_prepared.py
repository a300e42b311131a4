"""Prepared weights compute what the plain forms do, gradients included."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.cost import count_macs
from methods.networks import prepared, winograd
from methods.networks.glean import GLEANNet
from methods.networks.pggan import PGGANGenerator
from methods.networks.prepared import Kernel, plainly, prepare
from methods.networks.rrdb import RRDBNet
from methods.networks.stylegan1 import StyleGAN1Generator
from methods.networks.stylegan2 import StyleGAN2Generator
from methods.networks.transposed import spread, spread_taps

WIDTHS = {4: 8, 8: 8, 16: 8}


def drawn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.mark.parametrize("shape", [(1, 4, 4), (2, 8, 12), (3, 32, 4), (1, 60, 80), (20, 8, 8)])
def test_winograds_form_is_the_convolution(shape: tuple[int, int, int]) -> None:
    """60 x 80 pixels are more tiles than are transformed at once, and no multiple of them."""
    n, height, width = shape
    x, weight, scale = drawn(n, 5, height, width), drawn(7, 5, 3, 3), drawn(n, 5, 1, 1)
    given = x.contiguous(memory_format=torch.channels_last)
    found = winograd.convolve(given, winograd.transformed(weight), scale)
    expected = F.conv2d((x * scale).double(), weight.double(), padding=1)
    assert (found - expected).abs().max() < 2e-5 * expected.abs().max()
    assert found.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("shape", [(1, 4, 4), (2, 5, 3), (1, 60, 80)])
def test_a_matrix_product_spreads_as_the_transposed_convolution(
    shape: tuple[int, int, int],
) -> None:
    n, height, width = shape
    x, weight, scale = drawn(n, 5, height, width), drawn(7, 5, 3, 3), drawn(n, 5, 1, 1)
    found = spread(x, spread_taps(weight), scale)
    expected = F.conv_transpose2d(x * scale, weight.transpose(0, 1), stride=2)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_gradients_of_winograds_form(monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch)
    kernel, weight = Kernel(drawn(7, 5, 3, 3)), drawn(7, 5, 3, 3)
    kernel.fixed = True
    x = drawn(2, 5, 8, 8).requires_grad_()
    found, expected = kernel(x), F.conv2d(x, weight, padding=1)
    seed = drawn(*found.shape)
    torch.testing.assert_close(
        *(torch.autograd.grad(out, x, seed)[0] for out in (found, expected)), rtol=1e-4, atol=1e-4
    )


def free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kernel is large enough for the forms of the large."""
    monkeypatch.setattr(prepared, "CHANNELS", 1)
    monkeypatch.setattr(prepared, "MACS", 1)


NETWORKS: dict[str, tuple[Callable[[], nn.Module], Callable[[nn.Module], Tensor]]] = {
    "stylegan2": (
        lambda: StyleGAN2Generator(16, 6, 2, WIDTHS),
        lambda net: net.synthesis(drawn(2, 6), "stored"),  # type: ignore[operator]
    ),
    "glean": (
        lambda: GLEANNet(4, StyleGAN2Generator(16, 6, 2, WIDTHS), channels=6, growth=4, blocks=1),
        lambda net: net(drawn(2, 3, 4, 4)),
    ),
    "rrdb": (
        lambda: RRDBNet(channels=6, growth=4, blocks=2),
        lambda net: net(drawn(2, 3, 8, 8)),
    ),
    "rrdb of odd sides": (
        lambda: RRDBNet(channels=6, growth=4, blocks=2),
        lambda net: net(drawn(2, 3, 7, 5)),
    ),
    "pggan": (
        lambda: PGGANGenerator(WIDTHS, 6),
        lambda net: net(drawn(2, 6)),
    ),
    "stylegan1": (
        lambda: StyleGAN1Generator({**WIDTHS, 32: 8, 64: 4, 128: 4}, 6, 2),
        lambda net: net.synthesis(  # type: ignore[operator]
            drawn(2, 6),
            [drawn(1, 1, side, side) for side in net.noise_sides],  # type: ignore[union-attr]
        ),
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_prepared_network_gives_the_pictures_of_the_plain_one(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    build, draw = NETWORKS[name]
    network = build().requires_grad_(False).eval()
    for parameter in network.parameters():  # biases and strengths of noise begin at 0
        parameter.add_(0.1 * torch.randn_like(parameter))
    before = dict(network.state_dict())
    with torch.no_grad():
        expected, macs = draw(network), count_macs(lambda: draw(network))
    free(monkeypatch)
    prepare(network)
    assert list(network.state_dict()) == list(before)
    with torch.no_grad():
        found = draw(network)
        with plainly():
            assert torch.equal(draw(network), expected)
    assert not torch.equal(found, expected), "no other form was taken"
    assert (found - expected).abs().max() < 2e-5 * expected.abs().max()
    assert count_macs(lambda: draw(network)) == macs


def test_a_prepared_search_has_the_gradients_of_the_plain_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.manual_seed(0)
    network = StyleGAN2Generator(16, 6, 2, WIDTHS).requires_grad_(False).eval()
    network.conv1.noise_injector.weight.fill_(0.3)
    free(monkeypatch)
    prepare(network)

    def gradients() -> tuple[Tensor, ...]:
        w = drawn(2, 6).requires_grad_()
        noises = [drawn(1, 1, side, side).requires_grad_() for side in network.noise_sides]
        return torch.autograd.grad(network.synthesis(w, noises).square().sum(), [w, *noises[:1]])

    with plainly():
        expected = gradients()
    for found, wanted in zip(gradients(), expected, strict=True):
        assert (found - wanted).abs().max() < 1e-4 * wanted.abs().max()
