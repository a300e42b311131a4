"""The small networks, one picture at a time, as `bench run` calls them."""

from __future__ import annotations

import time

import pytest
import torch
from torch import nn

from bench.operators import Downsample
from methods.training import restorers
from methods.training.bank import BankSettings
from tests.benchmarks.conftest import Measure

pytestmark = pytest.mark.benchmark(timer=time.process_time)
SIZE, SCALE = 128, 16


def network(name: str) -> nn.Module:
    """A restorer with random weights."""
    torch.manual_seed(0)
    if name == "glean":
        return restorers.glean(BankSettings().generator(SIZE), SCALE).eval()
    return {"esrgan": restorers.esrgan, "srgan": restorers.srgan}[name](SIZE, SCALE).eval()


@pytest.mark.parametrize("name", ["glean", "esrgan", "srgan"])
def test_restoring_a_picture(name: str, speed: Measure) -> None:
    net, y = network(name), torch.rand(1, 3, SIZE // SCALE, SIZE // SCALE)
    with torch.no_grad():
        assert speed(lambda: net(y)) > 0


def test_drawing_a_picture_from_a_bank(speed: Measure) -> None:
    torch.manual_seed(0)
    bank, z = BankSettings().generator(SIZE).eval(), torch.randn(1, 64)
    with torch.no_grad():
        assert speed(lambda: bank.synthesis(bank.mapping(z))) > 0


def test_a_step_of_latent_optimisation(speed: Measure) -> None:
    """Draw, degrade, and descend: what PULSE and mGANprior do hundreds of times a picture."""
    torch.manual_seed(0)
    bank, operator = BankSettings().generator(SIZE).eval().requires_grad_(False), Downsample(SCALE)
    w = bank.mapping(torch.randn(1, 64)).requires_grad_()
    y = torch.rand(1, 3, SIZE // SCALE, SIZE // SCALE)

    def step() -> None:
        w.grad = None
        (operator(bank.synthesis(w)) - y).square().sum().backward()

    assert speed(step) > 0
