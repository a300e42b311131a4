"""The signed-rank test of Wilcoxon (1945): do differences lean to one side?

The numbers are those of `scipy.stats.wilcoxon`, bit for bit, and a test holds them against it.
They are found here because that package takes a second to import, longer than all the tests of a
report together.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import special

from bench.stats.intervals import FEWEST, Values

EXACT = 50  # up to so many differences without ties the distribution is known
ENUMERATED = 13  # up to so many with ties all ways to give signs are counted


def signed_rank_p(differences: Values) -> float | None:
    """The two-sided p; None where it could never be below 5%. Differences of 0 are left out."""
    if len(differences) < FEWEST:
        return None
    unequal = differences[differences != 0]
    if not len(unequal):
        return 1.0
    ranks, ties = ranks_of(np.abs(unequal))
    positive = float(np.sum(ranks[unequal > 0]))
    n, is_distinct = len(unequal), len(ties) == len(differences)
    if is_distinct and len(differences) <= EXACT:
        return exact_p(positive, n)
    if not is_distinct and len(differences) <= ENUMERATED:
        return enumerated_p(positive, ranks)
    variance = n * (n + 1.0) * (2.0 * n + 1.0) - np.sum(ties**3 - ties) / 2
    z = (positive - n * (n + 1.0) * 0.25) / np.sqrt(variance / 24)
    return float(2 * special.ndtr(-abs(z)))


def rank_biserial(differences: Values) -> float:
    """Kerby's (2014) effect size of the test: 1 where a is always the higher, 0 of equal ones."""
    unequal = differences[differences != 0]
    if not len(unequal):
        return 0.0
    ranks, _ = ranks_of(np.abs(unequal))
    return float(np.sum(ranks * np.sign(unequal)) / np.sum(ranks))


def ranks_of(values: Values) -> tuple[Values, Values]:
    """The rank of each value, counted from 1, equal ones sharing the mean of theirs; and how many
    values there are of each size."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[places], counts.astype(np.float64)


def exact_p(positive: float, n: int) -> float:
    """By the distribution of the sum of positive ranks, none of which is shared."""
    chances, k, half = sums_of_ranks(n), int(positive), n * (n + 1) / 4
    below = chances[: k + 1].sum() if k <= half else 1 - chances[k + 1 :].sum()
    above = chances[k:].sum() if k <= half else 1 - chances[:k].sum()
    return float(min(2 * min(below, above), 1.0))


@lru_cache(maxsize=EXACT)
def sums_of_ranks(n: int) -> Values:
    """The chance of each sum from 0 to n (n + 1) / 2, where every rank is positive or not alike."""
    chances = np.ones(1)
    for rank in range(1, n + 1):
        longer = np.zeros(len(chances) + rank)
        longer[: len(chances)] = chances * 0.5
        longer[-len(chances) :] += chances * 0.5
        chances = longer
    return chances


def enumerated_p(positive: float, ranks: Values) -> float:
    """By every way to give signs to these ranks."""
    sums = np.zeros(1)
    for rank in ranks:
        sums = np.concatenate([sums, sums + rank])
    share = min(float(np.mean(sums <= positive)), float(np.mean(sums >= positive)))
    return min(2 * share, 1.0)
