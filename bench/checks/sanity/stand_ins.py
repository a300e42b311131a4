"""Stand-ins for restored pictures, whose order of quality is known beforehand."""

from __future__ import annotations

from enum import StrEnum

import torch
from torch import Tensor

from bench.operators import Operator, quantise, resize


class StandIn(StrEnum):
    """What stands in for the restored picture; the values are how messages call it."""

    TRUTH = "the truth itself"  # what an oracle restores
    HALVED = "the truth at half its resolution"
    DOUBLED = "the truth at twice the input's resolution"
    BICUBIC = "bicubic"
    MIRRORED = "bicubic, mirrored"
    UPSIDE_DOWN = "bicubic, upside down"
    NEAREST = "nearest neighbour"
    FLAT = "the mean colour of the truth"
    STRANGER = "another picture of the split"


def stand_in(kind: StandIn, truth: Tensor, stranger: Tensor, operator: Operator) -> Tensor:
    """The stand-in for a truth (1, 3, H, W) in [0, 1], rounded to 8 bits."""
    return quantise(made(kind, truth, stranger, operator))


def made(kind: StandIn, truth: Tensor, stranger: Tensor, operator: Operator) -> Tensor:
    """The stand-in, not rounded."""
    height, width = truth.shape[-2:]
    match kind:
        case StandIn.TRUTH:
            return truth
        case StandIn.HALVED:
            return resize(resize(truth, (height // 2, width // 2)), (height, width))
        case StandIn.FLAT:
            return truth.mean((2, 3), keepdim=True).expand_as(truth)
        case StandIn.STRANGER:
            return stranger
    y = operator.observe(truth)
    if kind is StandIn.NEAREST:
        repeats = height // y.shape[-2], width // y.shape[-1]
        return y.repeat_interleave(repeats[0], 2).repeat_interleave(repeats[1], 3)
    if kind is StandIn.DOUBLED:
        y = resize(truth, (2 * y.shape[-2], 2 * y.shape[-1]))
    bicubic = resize(y, (height, width))
    axes = {StandIn.MIRRORED: (3,), StandIn.UPSIDE_DOWN: (2,)}.get(kind, ())
    return torch.flip(bicubic, axes)
