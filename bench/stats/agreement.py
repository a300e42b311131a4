"""Whether two lists of numbers put the same things in the same order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class Agreement:
    """Kendall's tau-b of two orders of `n` things: 1 the same, -1 reversed, 0 unrelated."""

    tau: float
    n: int


def rank_agreement(first: Sequence[float], second: Sequence[float]) -> Agreement | None:
    """How well the orders agree; None where there is none: of one thing, or of equal ones."""
    if len(first) < 2:
        return None
    tau = float(stats.kendalltau(first, second).statistic)
    return None if math.isnan(tau) else Agreement(tau, len(first))
