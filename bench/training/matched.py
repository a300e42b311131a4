"""ESRGAN+ as large as a given GLEAN: the comparison of the paper is at equal cost."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from bench.core.errors import BenchError
from methods.cost import count_macs
from methods.networks.rrdb import RRDBNet

WIDTHS = range(8, 97, 4)
BLOCKS = range(2, 24)
TOLERANCE = 0.1


def macs_of(network: nn.Module, side: int) -> int:
    """Multiply-accumulates of one restoration from `side` pixels a side."""
    with torch.no_grad():
        return count_macs(lambda: network.eval()(torch.zeros(1, 3, side, side)))


def size_of(network: nn.Module) -> int:
    """Parameters."""
    return sum(parameter.numel() for parameter in network.parameters())


def matching_rrdb(macs: int, parameters: int, side: int, stages: int) -> RRDBNet:
    """The RRDBNet of `stages` x2 stages within a tenth of `macs` whose parameters come nearest.

    Growth is half the width, as ESRGAN's. Raises `BenchError` if no width comes near enough.
    """
    candidates = [
        (abs(cost.parameters / parameters - 1), abs(cost.macs / macs - 1), width, cost.blocks)
        for width in WIDTHS
        for cost in costs(stages, width, side)
        if abs(cost.macs / macs - 1) <= TOLERANCE
    ]
    if not candidates:
        raise BenchError(
            f"no ESRGAN+ of {min(WIDTHS)} to {max(WIDTHS)} channels is within "
            f"{TOLERANCE:.0%} of {macs / 1e9:.2f} GMACs from {side}x{side} pixels"
        )
    *_, width, blocks = min(candidates)
    return rrdb(stages, width, blocks)


def rrdb(stages: int, width: int, blocks: int) -> RRDBNet:
    """ESRGAN's proportions at another size."""
    return RRDBNet(stages, width, width // 2, blocks)


@dataclass(frozen=True)
class Cost:
    """What a depth costs."""

    blocks: int
    macs: int
    parameters: int


def costs(stages: int, width: int, side: int) -> list[Cost]:
    """The costs of every depth, found from two: the blocks of a trunk are all alike."""
    one, two = rrdb(stages, width, 1), rrdb(stages, width, 2)
    macs, more_macs = macs_of(one, side), macs_of(two, side)
    size, more_size = size_of(one), size_of(two)
    return [
        Cost(n, macs + (n - 1) * (more_macs - macs), size + (n - 1) * (more_size - size))
        for n in BLOCKS
    ]
