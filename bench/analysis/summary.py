"""Rows drawn together: one line a method in each table, over images and seeds.

A table is one split at one scale through one operator; rows of different tables are never
compared. Within a table, a mean is comparable with the others of its column if it is over the
same images; one that is over fewer is marked `partial` and takes no place in the ranking.
Pairs of methods are compared on the images that both have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.analysis.costs import Costs, costs_of
from bench.analysis.pairs import Pair, groups_on, pairs_of
from bench.analysis.scores import SeedScores, SeedSpread, means_over_seeds, scores_of, seed_spread
from bench.core.grouping import grouped
from bench.core.rows import Row, RowState, TableKey
from bench.metrics.facts import MetricFacts
from bench.results.results import Results
from bench.stats import Interval, mean_interval


@dataclass(frozen=True)
class Absence:
    """Why rows, or scores of rows, are missing, and how many for that reason."""

    state: RowState
    reason: str
    rows: int


@dataclass(frozen=True)
class Coverage:
    """How many images a method restored, and what became of the others."""

    seeds: int
    images: int  # of the table
    ok: int  # images restored with every seed
    states: Mapping[RowState, int]  # rows in each
    absences: tuple[Absence, ...]  # of rows that are not ok

    @property
    def share(self) -> float:
        """Share of the images that were restored."""
        return self.ok / self.images

    @property
    def rows(self) -> int:
        """Rows of all images and seeds, whatever their state."""
        return sum(self.states.values())

    @property
    def unreached(self) -> int:
        """Rows that never ran."""
        return self.images * self.seeds - self.rows


@dataclass(frozen=True)
class MeanScores:
    """What a method scored, everything by metric column."""

    by_image: Mapping[str, Mapping[str, float]]  # means over seeds
    means: Mapping[str, Interval]
    unscored: Mapping[str, tuple[Absence, ...]]  # why ok rows have no score
    partial: frozenset[str]  # over fewer images than another method's in this table
    spread: Mapping[str, SeedSpread]  # where there are several seeds
    groups: Mapping[str, int]  # tie group; 1 is best


@dataclass(frozen=True)
class Line:
    """What is known of a method in a table."""

    table: TableKey
    method: str
    title: str
    coverage: Coverage
    scores: MeanScores
    costs: Costs
    pairs: tuple[Pair, ...] = ()  # this method against each later one of its table


def summarise(results: Results) -> list[Line]:
    """Every line, tables and methods in the order of the rows."""
    return [
        line for table, rows in by_table(results.rows).items() for line in lines_of(rows, results)
    ]


def by_table(rows: Iterable[Row]) -> dict[TableKey, list[Row]]:
    """The rows of each table, in their order."""
    return grouped((row.table, row) for row in rows)


def lines_of(rows: Sequence[Row], results: Results) -> list[Line]:
    """The lines of one table, whose rows these are."""
    table = rows[0].table
    methods = grouped((row.method, row) for row in rows)
    defined = [facts for facts in results.metrics if facts.applies_to(table.split)]
    images = len({row.image for row in rows})
    seeds = {method: scores_of(of_method, defined) for method, of_method in methods.items()}
    by_image = {method: means_over_seeds(found) for method, found in seeds.items()}
    means = {method: intervals_of(found) for method, found in by_image.items()}
    partial = partial_of(by_image)
    pairs = pairs_of(by_image, defined)
    groups = groups_of(means, partial, pairs, defined)
    return [
        Line(
            table=table,
            method=method,
            title=results.titles.get(method, method),
            coverage=coverage_of(of_method, images),
            scores=MeanScores(
                by_image[method],
                means[method],
                unscored_of(of_method, by_image[method]),
                partial[method],
                spreads_of(of_method, seeds[method], defined),
                groups[method],
            ),
            costs=costs_of(of_method, results.cells),
            pairs=tuple(pair for pair in pairs if pair.method_a == method),
        )
        for method, of_method in methods.items()
    ]


def intervals_of(by_image: Mapping[str, Mapping[str, float]]) -> dict[str, Interval]:
    """The mean of each metric that has any score."""
    found = {column: mean_interval(list(scores.values())) for column, scores in by_image.items()}
    return {column: interval for column, interval in found.items() if interval}


def partial_of(
    by_image: Mapping[str, Mapping[str, Mapping[str, float]]],
) -> dict[str, frozenset[str]]:
    """The metrics of each method that miss an image on which another method was scored."""
    scored: dict[str, set[str]] = {}
    for found in by_image.values():
        for column, scores in found.items():
            scored.setdefault(column, set()).update(scores)
    return {
        method: frozenset(c for c, scores in found.items() if scores and scores.keys() != scored[c])
        for method, found in by_image.items()
    }


def groups_of(
    means: Mapping[str, Mapping[str, Interval]],
    partial: Mapping[str, frozenset[str]],
    pairs: Sequence[Pair],
    metrics: Iterable[MetricFacts],
) -> dict[str, dict[str, int]]:
    """The places of each method: among those that cover the same images."""
    groups: dict[str, dict[str, int]] = {method: {} for method in means}
    for facts in metrics:
        whole = {
            method: found[facts.column]
            for method, found in means.items()
            if facts.column in found and facts.column not in partial[method]
        }
        images = min((interval.n for interval in whole.values()), default=0)
        of_whole = {method: interval.mean for method, interval in whole.items()}
        for method, group in groups_on(facts, of_whole, images, pairs).items():
            groups[method][facts.column] = group
    return groups


def coverage_of(rows: Sequence[Row], images: int) -> Coverage:
    """How far the rows of one method cover the images of its table."""
    seeds = len({row.seed for row in rows})
    restored = Counter(row.image for row in rows if row.state is RowState.OK)
    return Coverage(
        seeds=seeds,
        images=images,
        ok=sum(count == seeds for count in restored.values()),
        states=Counter(row.state for row in rows),
        absences=counted((row.state, row.reason) for row in rows if row.state is not RowState.OK),
    )


def unscored_of(rows: Sequence[Row], columns: Iterable[str]) -> dict[str, tuple[Absence, ...]]:
    """Why restored rows have no score, by metric column."""
    missing = [row.why_unscored for row in rows if row.state is RowState.OK]
    found = {
        column: counted((RowState.OK, why[column]) for why in missing if column in why)
        for column in columns
    }
    return {column: absences for column, absences in found.items() if absences}


def spreads_of(
    rows: Sequence[Row], seeds: SeedScores, metrics: Iterable[MetricFacts]
) -> dict[str, SeedSpread]:
    """What the seed decides, by metric column; empty of one seed."""
    if len({row.seed for row in rows}) < 2:
        return {}
    return {
        facts.column: seed_spread(found, facts.better)
        for facts in metrics
        if (found := seeds[facts.column])
    }


def counted(pairs: Iterable[tuple[RowState, str]]) -> tuple[Absence, ...]:
    """Each state and reason once, with its number."""
    return tuple(Absence(*pair, rows) for pair, rows in Counter(pairs).items())
