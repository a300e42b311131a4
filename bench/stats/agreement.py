"""Whether two lists of numbers put the same things in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.stats.intervals import Values
from bench.stats.resolution import are_equal


@dataclass(frozen=True)
class Agreement:
    """Kendall's tau-b of two orders of `n` things: 1 the same, -1 reversed, 0 unrelated."""

    tau: float
    n: int


def rank_agreement(first: Sequence[float], second: Sequence[float]) -> Agreement | None:
    """How well the orders agree; None where there is none: of one thing, or of equal ones.

    tau-b is the sum over pairs of sign(a_i - a_j) sign(b_i - b_j), over the root of the product of
    the pairs that each list tells apart. Numbers that rounding may have put apart are equal.
    """
    a, b = (signs_between(np.asarray(values, dtype=np.float64)) for values in (first, second))
    told = float(np.sum(a * a)) * float(np.sum(b * b))
    return Agreement(float(np.sum(a * b)) / told**0.5, len(first)) if told else None


def signs_between(values: Values) -> Values:
    """(n, n): 1 where the i-th of n values is above the j-th, -1 where it is below, 0 of equals."""
    column = values[:, None]
    signs: Values = np.where(are_equal(column, values), 0.0, np.sign(column - values))
    return signs
