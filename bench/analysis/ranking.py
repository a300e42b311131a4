"""The methods of a table side by side: their order by each metric, who is best in a column, and
whom the best is not told from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.analysis.pairs import Pair
from bench.analysis.summary import Line
from bench.core.grouping import grouped
from bench.core.rows import TableKey
from bench.metrics.facts import Direction, MetricFacts, by_role
from bench.stats import FEWEST, SIGNIFICANCE, are_equal


@dataclass(frozen=True)
class Ranking:
    """The methods of a table by one metric that any of them has."""

    metric: MetricFacts
    lines: tuple[Line, ...]  # best first; then means over fewer images, then what has none
    best: tuple[str, ...]  # of the best mean; none where fewer than two methods compete
    tied: tuple[str, ...]  # in the first tie group, and not best
    groups: tuple[tuple[str, ...], ...]  # methods that share a place, best first
    pairs: tuple[Pair, ...]  # every two methods that have the metric
    is_powerless: bool  # not even a method that wins on every image would be told apart
    doubt: str = ""  # why the metric is not to be trusted in this table; empty if it is

    @property
    def is_told(self) -> bool:
        """Whether there are images enough to tell a lead from chance."""
        return bool(self.groups) and not self.is_powerless

    @property
    def is_alone(self) -> bool:
        """Whether one method is told apart from every other it was compared with."""
        return self.is_told and len(self.best) == 1 and not self.tied


@dataclass(frozen=True)
class Lineup:
    """Methods side by side in one table, ranked by every metric that any of them has."""

    table: TableKey
    lines: tuple[Line, ...]
    defined: tuple[MetricFacts, ...]  # of the whole run, measured here or not
    rankings: Mapping[str, Ranking]  # by metric column, in the order of the columns
    leading: MetricFacts | None  # that a reader should look at first; None of none to be trusted

    @property
    def images(self) -> int:
        """How many images the methods are compared on."""
        return self.lines[0].coverage.images

    @property
    def metrics(self) -> tuple[MetricFacts, ...]:
        """What was measured."""
        return tuple(ranking.metric for ranking in self.rankings.values())

    @property
    def first(self) -> Ranking | None:
        """The ranking by the leading metric; None where nothing was measured."""
        return self.rankings[self.leading.column] if self.leading else None

    @property
    def best_first(self) -> tuple[Line, ...]:
        """The methods, best first by the leading metric; as they are where there is none."""
        return self.first.lines if self.first else self.lines


def line_up(
    lines: Sequence[Line], metrics: Sequence[MetricFacts], doubts: Mapping[str, str] | None = None
) -> Lineup:
    """The lines of one table, ranked.

    doubts: metric column to why the metric is not to be trusted in this table.
    """
    measured = columns_of(lines, metrics)
    doubts = doubts or {}
    return Lineup(
        table=lines[0].table,
        lines=tuple(lines),
        defined=tuple(metrics),
        rankings={
            facts.column: rank(lines, facts, doubts.get(facts.column, "")) for facts in measured
        },
        leading=leading_of(facts for facts in measured if facts.column not in doubts),
    )


def rank(lines: Sequence[Line], facts: MetricFacts, doubt: str = "") -> Ranking:
    """The lines of one table by one metric."""
    order = ranked(lines, facts)
    top = best(lines, facts)
    places = ((line.scores.groups.get(facts.column), line.method) for line in order)
    groups = grouped((place, method) for place, method in places if place is not None)
    pairs = tuple(pair for line in lines for pair in line.pairs if pair.metric == facts.column)
    return Ranking(
        metric=facts,
        lines=tuple(order),
        best=tuple(line.method for line in order if line.method in top),
        tied=tuple(method for method in groups.get(1, ()) if method not in top),
        groups=tuple(tuple(groups[place]) for place in sorted(groups)),
        pairs=pairs,
        is_powerless=powerless(pairs),
        doubt=doubt,
    )


def columns_of(lines: Sequence[Line], metrics: Sequence[MetricFacts]) -> list[MetricFacts]:
    """The metrics that any of the lines has."""
    return [facts for facts in metrics if any(facts.column in line.scores.means for line in lines)]


def leading_of(trusted: Iterable[MetricFacts]) -> MetricFacts | None:
    """The first of the metrics of perception, else of fidelity, else any."""
    return next(iter(by_role(list(trusted))), None)


def ranked(lines: Sequence[Line], facts: MetricFacts) -> list[Line]:
    """Best first by that metric; then means over fewer images, then what was not measured."""

    def place(line: Line) -> tuple[int, float]:
        interval = line.scores.means.get(facts.column)
        if interval is None:
            return 2, 0.0
        sign = -1 if facts.better is Direction.HIGHER else 1
        return int(facts.column in line.scores.partial), sign * interval.mean

    return sorted(lines, key=place)


def best(lines: Sequence[Line], facts: MetricFacts) -> frozenset[str]:
    """The methods with the best mean of those over the same images; none if only one competes.

    Means that rounding may have put apart are equal.
    """
    means = {
        line.method: line.scores.means[facts.column].mean
        for line in lines
        if facts.column in line.scores.means and facts.column not in line.scores.partial
    }
    if len(means) < 2:
        return frozenset()
    top = max(means.values()) if facts.better is Direction.HIGHER else min(means.values())
    return frozenset(method for method, mean in means.items() if are_equal(mean, top))


def powerless(pairs: Sequence[Pair]) -> bool:
    """Whether not even a method that wins on every image would be told apart on that metric:
    the least p of n images is 2^(1 - n), and the correction multiplies it by the pairs."""
    most = max((pair.difference.n for pair in pairs if pair.difference), default=0)
    return most >= FEWEST and 2.0 ** (1 - most) * len(pairs) >= SIGNIFICANCE
