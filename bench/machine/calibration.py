"""The calibration kernel: a small fixed piece of work by which times are held against each other.

A time divided by the kernel's, both measured in the same process within seconds of each other, is
a pure number: what a busier or slower-clocked machine does to both of them falls out of it.
"""

from __future__ import annotations

import statistics
import time

import torch
from torch.nn import functional as F

from bench.machine.timing import synchronise

CALLS = 15  # the median of fifteen calls of some two milliseconds each


class Kernel:
    """Two convolutions and two matrix products with fixed numbers: what networks spend their
    time on, 0.15 G multiply-accumulates a call."""

    def __init__(self, device: torch.device) -> None:
        generator = torch.Generator().manual_seed(0)
        self.device = device
        self.image = torch.rand(1, 32, 64, 64, generator=generator).to(device)
        self.taps = (torch.rand(32, 32, 3, 3, generator=generator) / 144).to(device)
        self.matrix = (torch.rand(320, 320, generator=generator) / 160).to(device)

    @torch.no_grad()
    def __call__(self) -> None:
        with torch.autocast(self.device.type, enabled=False):
            image = self.image
            for _ in range(2):
                image = F.conv2d(image, self.taps, padding=1)
            _ = self.matrix @ self.matrix @ self.matrix
        synchronise(self.device)


def calibrate(device: torch.device) -> tuple[float, float]:
    """Seconds that one call of the kernel takes here and now, and its CPU time; medians."""
    kernel = Kernel(device)
    for _ in range(2):
        kernel()
    walls, cpus = [], []
    for _ in range(CALLS):
        cpu, wall = time.process_time(), time.perf_counter()
        kernel()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return statistics.median(walls), statistics.median(cpus)
