"""The small networks, one picture at a time, as `bench run` calls them."""

from __future__ import annotations

import time

import pytest
import torch
from torch import nn

from bench.operators import Downsample
from bench.training import restorers
from bench.training.bank import BankSettings
from methods.loading import to_channels_last
from methods.networks.stylegan2 import StyleGAN2Generator
from tests.benchmarks.conftest import Measure

pytestmark = pytest.mark.benchmark(timer=time.process_time)
SIZE, SCALE = 128, 16


def network(name: str) -> nn.Module:
    """A restorer with random weights, as an adapter would have opened it."""
    torch.manual_seed(0)
    if name == "glean":
        net: nn.Module = restorers.glean(BankSettings().generator(SIZE), SCALE)
    else:
        net = {"esrgan": restorers.esrgan, "srgan": restorers.srgan}[name](SIZE, SCALE)
    to_channels_last(net)
    return net.requires_grad_(False).eval()


def bank() -> StyleGAN2Generator:
    """A generator with random weights, likewise."""
    torch.manual_seed(0)
    generator = BankSettings().generator(SIZE)
    to_channels_last(generator)
    return generator.requires_grad_(False).eval()


@pytest.mark.parametrize("name", ["glean", "esrgan", "srgan"])
def test_restoring_a_picture(name: str, speed: Measure) -> None:
    net, y = network(name), torch.rand(1, 3, SIZE // SCALE, SIZE // SCALE)
    with torch.no_grad():
        assert speed(lambda: net(y)) > 0


def test_drawing_a_picture_from_a_bank(speed: Measure) -> None:
    generator, z = bank(), torch.randn(1, 64)
    with torch.no_grad():
        assert speed(lambda: generator.synthesis(generator.mapping(z))) > 0


def test_a_step_of_latent_optimisation(speed: Measure) -> None:
    """Draw, degrade, and descend: what PULSE and mGANprior do hundreds of times a picture."""
    generator, operator = bank(), Downsample(SCALE)
    w = generator.mapping(torch.randn(1, 64)).requires_grad_()
    y = torch.rand(1, 3, SIZE // SCALE, SIZE // SCALE)

    def step() -> None:
        w.grad = None
        (operator(generator.synthesis(w)) - y).square().sum().backward()

    assert speed(step) > 0
