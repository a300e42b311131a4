"""Two methods on the same images: how much they differ, and whether that could be chance.

The interval asks how large the mean difference is; the test asks whether one of them tends to
score higher at all (Wilcoxon 1945, signed ranks), and one outlier does not sway it. Both are
needed to call two methods different by the means that a table shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.stats.intervals import mean_interval
from bench.stats.resolution import are_equal
from bench.stats.signed_rank import rank_biserial, signed_rank_p

SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class PairedDifference:
    """How the scores of `a` differ from those of `b` on the same `n` images."""

    n: int
    mean_a: float
    mean_b: float
    mean: float  # of a - b, in the unit of the metric
    low: float | None  # 95% interval of that mean; None of fewer than `FEWEST` images
    high: float | None
    p_wilcoxon: float | None  # two-sided; None of fewer than `FEWEST` images
    wins: int  # images where a scores better
    ties: int
    losses: int
    rank_biserial: float  # share of the signed ranks above 0 less the share below, in [-1, 1]

    @property
    def mean_and_ranks_agree(self) -> bool:
        """Whether what scores higher on average also does on most of the ranks."""
        return self.mean * self.rank_biserial > 0

    def reversed(self) -> PairedDifference:
        """The difference of `b` from `a`."""
        return replace(
            self,
            mean_a=self.mean_b,
            mean_b=self.mean_a,
            mean=-self.mean,
            low=None if self.high is None else -self.high,
            high=None if self.low is None else -self.low,
            wins=self.losses,
            losses=self.wins,
            rank_biserial=-self.rank_biserial,
        )


def paired_difference(
    a: Sequence[float], b: Sequence[float], *, higher_is_better: bool
) -> PairedDifference | None:
    """The difference of finite scores, the i-th of both being of the same image; None of none.

    The interval is that of `mean_interval`, of the differences. The test leaves out images on
    which both score the same but for rounding; if that is all of them, p is 1. Raises `ValueError`
    where the numbers of scores differ.
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.shape != second.shape:
        raise ValueError(f"pairs of scores are wanted, not {len(first)} and {len(second)}")
    if not len(first):
        return None
    differences = first - second
    equal = are_equal(first, second)
    differences[equal] = 0.0
    interval = mean_interval(differences)
    assert interval is not None
    better = differences if higher_is_better else -differences
    return PairedDifference(
        n=len(first),
        mean_a=float(first.mean()),
        mean_b=float(second.mean()),
        mean=interval.mean,
        low=interval.low,
        high=interval.high,
        p_wilcoxon=signed_rank_p(differences),
        wins=int(np.sum(better > 0)),
        ties=int(np.sum(equal)),
        losses=int(np.sum(better < 0)),
        rank_biserial=rank_biserial(differences),
    )


def is_told_apart(difference: PairedDifference | None, p_holm: float | None) -> bool:
    """Whether a table may call the two different: significant after Holm's correction, and in
    the direction of the means."""
    if difference is None or p_holm is None:
        return False
    return p_holm < SIGNIFICANCE and difference.mean_and_ranks_agree


def holm(p_values: Sequence[float]) -> list[float]:
    """Each p, corrected for the whole family (Holm 1979): that any is falsely below 5% has at
    most that probability."""
    order = np.argsort(p_values, kind="stable")
    factors = len(p_values) - np.arange(len(p_values))
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(1, np.maximum.accumulate(np.asarray(p_values)[order] * factors))
    return [float(p) for p in corrected]


def holm_of(differences: Sequence[PairedDifference | None]) -> list[float | None]:
    """The corrected p of each difference, all tests as one family; None where none was made."""
    known = {
        place: difference.p_wilcoxon
        for place, difference in enumerate(differences)
        if difference and difference.p_wilcoxon is not None
    }
    corrected = dict(zip(known, holm(list(known.values())), strict=True))
    return [corrected.get(place) for place in range(len(differences))]
