"""LightGLEAN: which parts of the bank it has, what reaches what, and what it costs."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from bench.training import restorers
from bench.training.bank import BankSettings
from bench.training.matched import size_of
from methods.cost import count_macs
from methods.networks.glean import GLEANNet
from methods.networks.glean_light import GLEANLightNet, UpperBank
from methods.networks.stylegan2 import StyleGAN2Generator

WIDTHS = {4: 12, 8: 10, 16: 8, 32: 6}
SIZES = (4, 8, 16)
VARIANTS = pytest.mark.parametrize("has_decoder", [True, False])


@pytest.fixture(autouse=True)
def repeatable() -> None:
    torch.manual_seed(0)


def bank() -> StyleGAN2Generator:
    """One in which noise and biases count, as in a trained bank."""
    generator = StyleGAN2Generator(32, 16, 2, WIDTHS)
    with torch.no_grad():
        for name, parameter in generator.named_parameters():
            if name.endswith(("noise_injector.weight", "bias")):
                parameter.add_(torch.randn_like(parameter) * 0.3)
    return generator


def light(in_size: int = 8, *, has_decoder: bool = True) -> GLEANLightNet:
    net = GLEANLightNet(in_size, bank(), channels=8, growth=4, blocks=1, has_decoder=has_decoder)
    nn.init.normal_(net.latents)
    return net.requires_grad_(False).eval()


@VARIANTS
@pytest.mark.parametrize("in_size", SIZES)
def test_its_file_tells_its_sizes_and_variant(in_size: int, has_decoder: bool) -> None:
    net = light(in_size, has_decoder=has_decoder)
    loaded = GLEANLightNet.from_state_dict(net.state_dict())
    x = torch.rand(2, 3, in_size, in_size) * 2 - 1
    assert (loaded.in_size, loaded.scale) == (in_size, 32 // in_size)
    assert loaded.has_decoder is has_decoder
    assert loaded(x).shape == (2, 3, 32, 32)
    assert torch.equal(loaded(x), net(x))
    torch.testing.assert_close(net(x[:1]), net(x)[:1], atol=1e-5, rtol=1e-4)
    assert not torch.allclose(net(x)[0], net(x)[1])


@pytest.mark.parametrize("in_size", SIZES)
def test_the_upper_bank_computes_what_the_whole_bank_does(in_size: int) -> None:
    whole = bank().requires_grad_(False)
    upper = UpperBank(whole, in_size, has_rgb=True)
    w = torch.randn(3, whole.num_latents, whole.style_dim)
    below = whole.num_latents - upper.num_latents
    layer = 2 * SIZES.index(in_size) + 2  # after the level that ends in the size of the input
    x = whole.constant_input(3) if in_size == 4 else whole.head(w, layer - 2, "stored")[:, :-3]
    x = upper.features(0, x, w[:, below:])
    expected = whole.head(w, layer, "stored")
    torch.testing.assert_close(x, expected[:, :-3])
    # From zero at the size of the input, as where the levels below add nothing to the picture.
    rgb = upper.rgb(0, x, w[:, below:], torch.zeros(3, 3, upper.starts_at, upper.starts_at))
    picture = whole.tail(torch.cat((x, rgb), 1), layer, w, "stored")
    for level in range(1, upper.num_levels):
        x = upper.features(level, x, w[:, below:])
        rgb = upper.rgb(level, x, w[:, below:], rgb)
    torch.testing.assert_close(rgb, picture)


@VARIANTS
def test_nothing_of_the_bank_below_the_input_is_kept(has_decoder: bool) -> None:
    net, whole = light(8, has_decoder=has_decoder), bank()
    kept = [whole.convs] if has_decoder else [whole.convs, whole.to_rgbs]
    assert size_of(net.generator) == sum(map(size_of, kept))
    assert net.generator.num_latents == (6 if has_decoder else 7)
    assert net.first_state.input.shape == (1, WIDTHS[4], 4, 4)


@VARIANTS
def test_the_picture_reaches_the_bank_by_the_fusion_alone(has_decoder: bool) -> None:
    net = light(has_decoder=has_decoder)
    net.fusion.weight[:, WIDTHS[8] :] = 0  # f0's part
    retrieved = net.retrieve(torch.randn(2, WIDTHS[8], 8, 8))
    assert list(retrieved) == [8, 16, 32]
    for features in retrieved.values():
        torch.testing.assert_close(features[0], features[1])


@pytest.mark.parametrize("in_size", SIZES)
def test_training_begins_with_what_the_bank_has_at_its_mean_latent(in_size: int) -> None:
    whole = bank()
    net = GLEANLightNet(in_size, whole, channels=8, growth=4, blocks=1)
    net.begin_at_mean(whole)
    assert torch.equal(net.latents, net.latents[:1].expand_as(net.latents))
    assert net.latents.abs().sum() > 0
    mean = net.latents[:1]
    layer = 2 * SIZES.index(in_size) + 2
    found = net.generator.features(0, net.first_state(1), net.latents[None])
    torch.testing.assert_close(found, whole.head(mean, layer, "stored")[:, :-3])


def test_a_bank_without_mapping_has_no_mean_to_begin_with() -> None:
    whole = StyleGAN2Generator(32, 16, 0, WIDTHS)
    net = GLEANLightNet(8, whole, channels=8, growth=4, blocks=1)
    before = {key: tensor.clone() for key, tensor in net.state_dict().items()}
    net.begin_at_mean(whole)
    assert all(torch.equal(tensor, before[key]) for key, tensor in net.state_dict().items())


def test_other_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"8x8 pixels to 32x32 .* not 16x16"):
        light()(torch.zeros(1, 3, 16, 16))
    with pytest.raises(ValueError, match="not from 32 to 32"):
        light(32)


def cost(net: nn.Module, side: int) -> tuple[int, int]:
    """Parameters and multiply-accumulates."""
    net.requires_grad_(False).eval()
    x = torch.zeros(1, 3, side, side, device=next(net.parameters()).device)
    return size_of(net), count_macs(lambda: net(x))


@pytest.mark.parametrize(
    ("has_decoder", "parameters", "macs"), [(True, 0.337, 0.982), (False, 0.212, 0.351)]
)
def test_at_the_sizes_of_the_paper_it_costs_this_part_of_glean(
    has_decoder: bool, parameters: float, macs: float
) -> None:
    """Of 32 to 512 pixels, where the variant without decoder meets the abstract's 21% and 35%;
    with the decoder of GLEAN no size does."""
    with torch.device("meta"):
        whole = cost(GLEANNet(32, StyleGAN2Generator(512, num_mlps=0)), 32)
        light = GLEANLightNet(32, StyleGAN2Generator(512, num_mlps=0), has_decoder=has_decoder)
        own = cost(light, 32)
    assert own[0] / whole[0] == pytest.approx(parameters, abs=5e-4)
    assert own[1] / whole[1] == pytest.approx(macs, abs=5e-4)


@VARIANTS
def test_the_network_trained_here_has_the_narrow_parts_of_the_glean_trained_here(
    has_decoder: bool,
) -> None:
    def small_bank() -> StyleGAN2Generator:
        return BankSettings().generator(128)

    whole = restorers.glean(small_bank(), 16)
    own = restorers.glean_light(small_bank(), 16, has_decoder=has_decoder)
    shapes = {key: tensor.shape for key, tensor in whole.state_dict().items()}
    for key, tensor in own.state_dict().items():
        part = {"encoder": "encoder.0.", "decoder": "decoder."}.get(key.partition(".")[0])
        if part:
            assert shapes[part + key.partition(".")[2]] == tensor.shape
    size, macs = cost(own, 8)
    whole_size, whole_macs = cost(whole, 8)
    assert size / whole_size == pytest.approx(0.651 if has_decoder else 0.505, abs=5e-4)
    assert macs / whole_macs == pytest.approx(0.994 if has_decoder else 0.459, abs=5e-4)
