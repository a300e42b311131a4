"""The degradation, forward and backward, on pictures of the published size."""

from __future__ import annotations

import time

import pytest
import torch

from bench.operators import Downsample, resize
from tests.benchmarks.conftest import Measure

pytestmark = pytest.mark.benchmark(timer=time.process_time)
PICTURES = torch.rand(4, 3, 512, 512, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("kernel", ["matlab-bicubic", "pulse-bicubic", "area"])
def test_degrading(kernel: str, speed: Measure) -> None:
    operator = Downsample(16, kernel)
    assert speed(lambda: operator.observe(PICTURES)) > 0


def test_the_gradient_of_degrading(speed: Measure) -> None:
    x, operator = PICTURES.clone().requires_grad_(), Downsample(16)

    def descend() -> None:
        x.grad = None
        operator(x).square().sum().backward()

    assert speed(descend) > 0


def test_bicubic_enlargement(speed: Measure) -> None:
    small = Downsample(16).observe(PICTURES)
    assert speed(lambda: resize(small, (512, 512))) > 0
