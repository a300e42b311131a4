"""Pairs of methods as tables show them: the difference, how sure it is, and who wins how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from bench.analysis.pairs import Pair
from bench.analysis.ranking import Ranking
from bench.metrics.facts import MetricFacts
from bench.report import formats
from bench.report.names import display_names

PAIR_HEADERS = ("mean difference", "p (Holm)", "wins / ties / losses", "images")


@dataclass(frozen=True)
class PairRow:
    """Two methods on one metric, as text. The difference is of the first from the second."""

    method_a: str
    method_b: str
    difference: str
    interval: str  # in brackets; empty of too few images
    p_holm: str
    counts: str  # images won, tied and lost by the first
    images: str
    is_told_apart: bool

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """What stands under `PAIR_HEADERS`."""
        difference = f"{self.difference} {self.interval}".rstrip()
        return difference, self.p_holm, self.counts, self.images


def all_pairs(ranking: Ranking) -> list[PairRow]:
    """Every pair of the table on one metric, in the order of its ranking."""
    names = display_names(ranking.lines)
    order = [line.method for line in ranking.lines]
    found = {frozenset((p.method_a, p.method_b)): p for p in ranking.pairs}
    return [
        pair_row(oriented(pair, first), ranking.metric, names)
        for first, second in combinations(order, 2)
        if (pair := found.get(frozenset((first, second))))
    ]


def against_best(ranking: Ranking) -> list[PairRow]:
    """Each method against the best of the table on one metric, over the images of both; none
    where nobody is best."""
    names = display_names(ranking.lines)
    winner = next(iter(ranking.best), None)
    of_winner = [p for p in ranking.pairs if winner in (p.method_a, p.method_b)]
    found = {p.method_a if p.method_b == winner else p.method_b: p for p in of_winner}
    return [
        pair_row(oriented(found[line.method], line.method), ranking.metric, names)
        for line in ranking.lines
        if line.method in found
    ]


def oriented(pair: Pair, first: str) -> Pair:
    """The pair with that method first."""
    return pair if pair.method_a == first else pair.reversed()


def pair_row(pair: Pair, facts: MetricFacts, names: Mapping[str, str]) -> PairRow:
    """The pair as text."""
    found = pair.difference
    a, b = names[pair.method_a], names[pair.method_b]
    if found is None:
        return PairRow(a, b, formats.NOTHING, "", formats.NOTHING, formats.NOTHING, "0", False)
    interval = ""
    if found.low is not None and found.high is not None:
        low, high = (formats.signed(facts, bound) for bound in (found.low, found.high))
        interval = f"[{low}, {high}]"
    return PairRow(
        method_a=a,
        method_b=b,
        difference=formats.signed(facts, found.mean),
        interval=interval,
        p_holm=formats.probability(pair.p_holm),
        counts=f"{found.wins} / {found.ties} / {found.losses}",
        images=str(found.n),
        is_told_apart=pair.is_told_apart,
    )
