"""What the benchmark asks of a degradation."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class Operator(Protocol):
    """A named, hashed, differentiable degradation A.

    Latent-optimisation methods descend through `__call__`; every method receives `observe(x)`.
    """

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    def __call__(self, x: Tensor) -> Tensor: ...

    def observe(self, x: Tensor) -> Tensor: ...


def quantise(x: Tensor) -> Tensor:
    """Values clipped to [0, 1] and rounded to multiples of 1/255, halves to the even neighbour."""
    return (x.clamp(0, 1) * 255).round() / 255
