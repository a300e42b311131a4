"""Moving average of weights: smoother than any single step, and what is scored and shipped."""

from __future__ import annotations

import copy
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

HALF_LIFE = 10_000  # images
RAMP_UP = 0.05  # the half-life is at most this part of the images seen (Karras et al. 2020, ADA)

Network = TypeVar("Network", bound=nn.Module)


class WeightAverage(Generic[Network]):
    """Exponential moving average of `source`; `network` holds it."""

    def __init__(self, source: Network) -> None:
        self.source = source
        self.network: Network = copy.deepcopy(source).requires_grad_(False).eval()

    @torch.no_grad()
    def update(self, images_seen: int, batch: int) -> None:
        """Take in the step that brought the count to `images_seen`."""
        half_life = min(HALF_LIFE, RAMP_UP * images_seen)
        weight = 1 - 0.5 ** (batch / half_life)
        kept: list[Tensor] = []
        taken: list[Tensor] = []
        pairs = zip(self.network.parameters(), self.source.parameters(), strict=True)
        for average, parameter in pairs:
            if parameter.requires_grad:
                kept.append(average)
                taken.append(parameter)
        # Statistics of batches belong to the weights; constants stay what they are.
        for constant, buffer in zip(self.network.buffers(), self.source.buffers(), strict=True):
            if buffer.is_floating_point():
                kept.append(constant)
                taken.append(buffer)
        # All at once: hundreds of small tensors are hundreds of kernels on a GPU.
        torch._foreach_lerp_(kept, taken, weight)
