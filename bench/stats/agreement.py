"""Whether two lists of numbers put the same things in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Agreement:
    """Kendall's tau-b of two orders of `n` things: 1 the same, -1 reversed, 0 unrelated."""

    tau: float
    n: int


def rank_agreement(first: Sequence[float], second: Sequence[float]) -> Agreement | None:
    """How well the orders agree; None where there is none: of one thing, or of equal ones.

    tau-b is the sum over pairs of sign(a_i - a_j) sign(b_i - b_j), over the root of the product of
    the pairs that each list tells apart.
    """
    a, b = (np.sign(np.subtract.outer(values, values)) for values in (first, second))
    told = float(np.sum(a * a)) * float(np.sum(b * b))
    return Agreement(float(np.sum(a * b)) / told**0.5, len(first)) if told else None
