"""Each network against its plain form in the same run, and its rate against the machine's.

The plain form is what the paper says, in few lines, of the same tensors: StyleGAN2 with modulated
weights of each sample, the others as their layers are written (`plainly`). Equal pictures are
demanded first. Official sizes are marked slow (ten minutes):

    pytest tests/benchmarks/test_speed_plain_forms.py -o addopts= --benchmark-only -s
    pytest tests/benchmarks/test_speed_plain_forms.py -o addopts= --benchmark-only -s -m "not slow"

Each line tells the ratio of CPU times, and GFLOP/s counted by the plain form's multiplications, as
a share of what a product of two 1024x1024 float32 matrices reaches: prepared kernels multiply less,
and may exceed it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor, nn
from torch.nn import functional as F

from bench.operators import Downsample
from bench.training import restorers
from bench.training.bank import BankSettings
from methods.cost import count_macs
from methods.loading import to_channels_last
from methods.networks.glean import GLEANNet
from methods.networks.pggan import PGGANGenerator
from methods.networks.prepared import plainly, prepare
from methods.networks.rrdb import RRDBNet
from methods.networks.stylegan1 import StyleGAN1Generator
from methods.networks.stylegan2 import StyleGAN2Generator
from methods.networks.stylegan2_layers import ModulatedConv, upsampling_kernel
from methods.pulse import invert
from methods.settings.pulse import PULSESettings

ROUNDS = 5
WIDTHS = {4: 512, 8: 512, 16: 512, 32: 512, 64: 256, 128: 128}  # of StyleGAN and PGGAN
SLACK = 0.9  # of the plain form's speed, below which a prepared network is a fault
slow = pytest.mark.slow


def modulated(conv: ModulatedConv, x: Tensor, w: Tensor) -> Tensor:
    """Eqs. 1 and 3 of StyleGAN2: a weight tensor for each sample, in one grouped convolution."""
    n, inputs, height, width = x.shape
    weight = conv.weight_orig * conv.scale * conv.style_modulation(w)[:, None, :, None, None]
    if conv.demodulate:
        weight = weight * torch.rsqrt(weight.square().sum((2, 3, 4), keepdim=True) + 1e-8)
    x = x.reshape(1, n * inputs, height, width)
    if conv.blur is None:
        side = weight.shape[-1]
        x = F.conv2d(x, weight.flatten(0, 1), padding=side // 2, groups=n)
        return x.view(n, -1, height, width)
    x = F.conv_transpose2d(x, weight.transpose(1, 2).flatten(0, 1), stride=2, groups=n)
    x = x.view(n, -1, 2 * height + 1, 2 * width + 1)
    kernel = upsampling_kernel().expand(x.shape[1], 1, 4, 4)
    return F.conv2d(x, kernel, padding=1, groups=x.shape[1])


@pytest.fixture
def plain_modulation(monkeypatch: pytest.MonkeyPatch) -> Callable[[], pytest.MonkeyPatch]:
    """Have StyleGAN2 compute in its plain form from now on."""

    def patch() -> pytest.MonkeyPatch:
        monkeypatch.setattr(ModulatedConv, "forward", modulated)
        return monkeypatch

    return patch


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def matrix_rate() -> Callable[[], float]:
    """The seconds of a product of 1024x1024 matrices, 2 x 1024^3 operations."""
    a, b = torch.rand(2, 1024, 1024).unbind()
    return lambda: cpu_s(lambda: a @ b)


def cpu_s(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began


def opened(network: nn.Module) -> nn.Module:
    """The network as an adapter opens it."""
    to_channels_last(network.requires_grad_(False).eval())
    prepare(network)
    return network


def small_glean() -> GLEANNet:
    return restorers.glean(BankSettings().generator(128), 16)


def forward(build: Callable[[], nn.Module], *shape: int) -> Callable[[], Callable[[], Tensor]]:
    """Makes a network, and a call of it without gradients."""

    def made() -> Callable[[], Tensor]:
        torch.manual_seed(0)
        network, x = opened(build()), torch.rand(shape)

        def call() -> Tensor:
            with torch.no_grad():
                if isinstance(network, StyleGAN2Generator):
                    return network(x, "stored")  # type: ignore[no-any-return]
                return network(x)  # type: ignore[no-any-return]

        return call

    return made


def step(
    build: Callable[[], StyleGAN2Generator | StyleGAN1Generator | PGGANGenerator],
) -> Callable[[], Callable[[], Tensor]]:
    """Makes a generator, and one step of PULSE on it."""

    def made() -> Callable[[], Tensor]:
        torch.manual_seed(0)
        network = build()
        opened(network)
        y = torch.rand(1, 3, network.resolution // 16, network.resolution // 16)
        start = torch.randn(1, network.num_latents, network.latent_dim)
        noise = [torch.randn(1, 1, side, side) for side in network.noise_sides]
        settings = PULSESettings(steps=1)
        return lambda: invert(network, None, Downsample(16), y, (start, noise), settings).images

    return made


CASES: Mapping[str, Callable[[], Callable[[], Tensor]]] = {
    "small glean": forward(small_glean, 1, 3, 8, 8),
    "small stylegan2": forward(lambda: BankSettings().generator(128), 1, 64),
    "small pulse": step(lambda: BankSettings().generator(128)),
    "small rrdb": forward(lambda: restorers.esrgan(128, 16), 1, 3, 8, 8),
    "official stylegan2": forward(lambda: StyleGAN2Generator(256), 1, 512),
    "official glean 16 to 256": forward(
        lambda: GLEANNet(16, StyleGAN2Generator(256)), 1, 3, 16, 16
    ),
    "official rrdb": forward(RRDBNet, 1, 3, 64, 64),
    "official pulse": step(lambda: StyleGAN1Generator(WIDTHS)),
    "official pggan step": step(lambda: PGGANGenerator(WIDTHS)),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[slow] * name.startswith("official")) for name in CASES]
)
def test_a_network_against_its_plain_form(
    name: str, plain_modulation: Callable[[], pytest.MonkeyPatch], benchmark: BenchmarkFixture
) -> None:
    call, product = CASES[name](), matrix_rate()
    macs = count_macs(call)

    def plain() -> Tensor:
        with plainly():
            return call()

    found = benchmark.pedantic(call)
    patched = plain_modulation()
    expected = plain()
    assert (found - expected).abs().max() < 1e-4 * expected.abs().max()
    times: dict[str, list[float]] = {"prepared": [], "plain": [], "product": []}
    for _ in range(ROUNDS):
        patched.undo()
        times["prepared"].append(cpu_s(call))
        times["product"].append(cpu_s(product))
        plain_modulation()
        times["plain"].append(cpu_s(plain))
    seconds = {what: statistics.median(each) for what, each in times.items()}
    ratio = statistics.median(p / q for p, q in zip(times["plain"], times["prepared"], strict=True))
    rate, top = 2 * macs / seconds["prepared"] / 1e9, 2 * 1024**3 / seconds["product"] / 1e9
    print(  # noqa: T201 - the measurement
        f"\n{name}: {ratio:.2f} times as fast as its plain form, {1e3 * seconds['prepared']:.1f} "
        f"ms; {rate:.1f} GFLOP/s, {rate / top:.0%} of the matrix product's {top:.1f}"
    )
    assert ratio > SLACK
