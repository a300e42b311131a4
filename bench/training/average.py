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
    """Exponential moving average of `source`; `network` holds it.

    kept: share, 0 to 1, of what the weights were at first; the rest of `network` is the average.
    A training that goes on from good weights keeps so what it would unlearn (Wortsman et al. 2022,
    arXiv 2109.01903).
    """

    def __init__(self, source: Network, kept: float = 0.0) -> None:
        self.source, self.kept = source, kept
        self.network: Network = copy.deepcopy(source).requires_grad_(False).eval()
        self.first = [average.clone() for average, _ in self.pairs()] if kept else []

    @torch.no_grad()
    def update(self, images_seen: int, batch: int) -> None:
        """Take in the step that brought the count to `images_seen`."""
        half_life = min(HALF_LIFE, RAMP_UP * images_seen)
        weight = 1 - 0.5 ** (batch / half_life)
        average, taken = map(list, zip(*self.pairs(), strict=True))
        if self.first:
            # An average of mixtures is the mixture with the average: no second copy is needed.
            taken = list(torch._foreach_lerp(taken, self.first, self.kept))
        # All at once: hundreds of small tensors are hundreds of kernels on a GPU.
        torch._foreach_lerp_(average, taken, weight)

    def pairs(self) -> list[tuple[Tensor, Tensor]]:
        """What is averaged, and what it is the average of."""
        mine, source = self.network, self.source
        learnt = [
            (average, parameter)
            for average, parameter in zip(mine.parameters(), source.parameters(), strict=True)
            if parameter.requires_grad
        ]
        # Statistics of batches belong to the weights; constants stay what they are.
        return learnt + [
            (average, statistic)
            for average, statistic in zip(mine.buffers(), source.buffers(), strict=True)
            if statistic.is_floating_point()
        ]
