"""Every pair of methods of a table, on every metric, over the images that both have scores of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from bench.metrics.facts import Direction, MetricFacts
from bench.stats import (
    FEWEST,
    PairedDifference,
    holm_of,
    is_told_apart,
    paired_difference,
    tie_groups,
)

Scores = Mapping[str, Mapping[str, float]]  # metric column to image to score


@dataclass(frozen=True)
class Pair:
    """Two methods on one metric. A positive mean difference says that `a` scores higher."""

    metric: str  # column
    method_a: str
    method_b: str
    difference: PairedDifference | None  # None where no image has a score of both
    p_holm: float | None = None  # corrected over all pairs of the metric in the table

    @property
    def is_told_apart(self) -> bool:
        """Whether the images tell the two apart, as a table may say it."""
        return is_told_apart(self.difference, self.p_holm)

    def reversed(self) -> Pair:
        """The same pair, `b` before `a`."""
        difference = self.difference.reversed() if self.difference else None
        return replace(self, method_a=self.method_b, method_b=self.method_a, difference=difference)


def pairs_of(scores: Mapping[str, Scores], metrics: Iterable[MetricFacts]) -> tuple[Pair, ...]:
    """All pairs of methods that have scores, metric by metric.

    scores: of each method, in the order of the table.
    """
    return tuple(pair for facts in metrics for pair in pairs_on(facts, scores))


def pairs_on(facts: MetricFacts, scores: Mapping[str, Scores]) -> list[Pair]:
    """All pairs on one metric, with Holm's correction over them."""
    measured = {m: found[facts.column] for m, found in scores.items() if found.get(facts.column)}
    pairs = [
        Pair(facts.column, a, b, on_common_images(measured[a], measured[b], facts))
        for a, b in combinations(measured, 2)
    ]
    return corrected(pairs)


def on_common_images(
    a: Mapping[str, float], b: Mapping[str, float], facts: MetricFacts
) -> PairedDifference | None:
    """The difference of two methods' scores, by image, over the images in both."""
    common = [image for image in a if image in b]
    return paired_difference(
        [a[image] for image in common],
        [b[image] for image in common],
        higher_is_better=facts.better is Direction.HIGHER,
    )


def corrected(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs, as one family of tests."""
    p_holm = holm_of([pair.difference for pair in pairs])
    return [replace(pair, p_holm=p) for pair, p in zip(pairs, p_holm, strict=True)]


def groups_on(
    facts: MetricFacts, means: Mapping[str, float], images: int, pairs: Iterable[Pair]
) -> dict[str, int]:
    """The tie group of each method on one metric; of too few images or methods, none.

    means: of the methods to rank, all over the same `images`.
    """
    if len(means) < 2 or images < FEWEST:
        return {}
    apart = {
        frozenset((pair.method_a, pair.method_b))
        for pair in pairs
        if pair.metric == facts.column and pair.is_told_apart
    }
    best_first = sorted(means, key=lambda m: means[m], reverse=facts.better is Direction.HIGHER)
    return tie_groups(best_first, lambda a, b: frozenset((a, b)) in apart)
