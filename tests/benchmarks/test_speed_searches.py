"""Searches of several pictures at once, on a bank of the size that ships, one thread.

The figures are of a whole batch: of a picture they are that divided by the batch, and pictures a
second are batch / (figure x seconds of the kernel) / (steps of the suite / `STEPS`).
"""

from __future__ import annotations

import time

import pytest
import torch
from torch import Tensor

from bench.operators import Downsample
from bench.training.bank import BankSettings
from methods import mganprior, pulse
from methods.loading import to_channels_last
from methods.networks.stylegan2 import StyleGAN2Generator
from methods.search.gaussian_fit import GaussianFit
from methods.settings.mganprior import MGANPriorSettings
from methods.settings.pulse import PULSESettings
from tests.benchmarks.conftest import Measure

pytestmark = pytest.mark.benchmark(timer=time.process_time)
SIZE, SCALE, STEPS = 128, 16, 4
BATCHES = [1, 4, 16]


@pytest.fixture(scope="module")
def bank() -> StyleGAN2Generator:
    """A generator with random weights, as an adapter would have opened it."""
    torch.manual_seed(0)
    generator = BankSettings().generator(SIZE)
    to_channels_last(generator)
    return generator.requires_grad_(False).eval()


def start(
    bank: StyleGAN2Generator, batch: int, latents: int
) -> tuple[Tensor, list[Tensor], Tensor]:
    """Latents, noise maps and inputs of a batch."""
    noise = [torch.randn(batch, 1, side, side) for side in bank.noise_sides]
    return torch.randn(batch, latents, bank.latent_dim), noise, torch.rand(batch, 3, 8, 8)


@pytest.mark.parametrize("batch", BATCHES)
def test_pulse(batch: int, bank: StyleGAN2Generator, speed: Measure) -> None:
    fit = GaussianFit(torch.zeros(bank.latent_dim), torch.ones(bank.latent_dim))
    latents, noise, y = start(bank, batch, bank.num_latents)
    settings = PULSESettings(steps=STEPS)
    operator = Downsample(SCALE)
    assert speed(lambda: pulse.invert(bank, fit, operator, y, (latents, noise), settings)) > 0


@pytest.mark.parametrize("batch", BATCHES)
def test_mganprior(batch: int, bank: StyleGAN2Generator, speed: Measure) -> None:
    settings = MGANPriorSettings(codes=10, composing_layer=4, steps=STEPS)
    latents, noise, y = start(bank, batch, settings.codes)
    operator = Downsample(SCALE)
    assert speed(lambda: mganprior.invert(bank, None, operator, y, (latents, noise), settings)) > 0
