"""Rows drawn together: one line a method in each table, over images and seeds.

A table is one split at one scale through one operator; rows of different tables are never
compared. Within a table, a mean is comparable with the others of its column if it is over the
same images; one that is over fewer is marked `partial` and takes no place in the ranking.
Pairs of methods are compared on the images that both have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import NamedTuple

import numpy as np

from bench.analysis.pairs import Pair, groups_on, pairs_of
from bench.analysis.scores import SeedScores, SeedSpread, means_over_seeds, scores_of, seed_spread
from bench.core.rows import Row, RowState, why_unscored
from bench.metrics.facts import MetricFacts
from bench.results.results import Results
from bench.stats import Interval, mean_interval


class Table(NamedTuple):
    """What the rows of one table have in common."""

    split: str
    scale: int
    operator: str


@dataclass(frozen=True)
class Absence:
    """Why rows, or scores of rows, are missing, and how many for that reason."""

    state: RowState
    reason: str
    rows: int


@dataclass(frozen=True)
class Line:
    """What is known of a method in a table. Nothing that was not measured has a value."""

    table: Table
    method: str
    title: str
    seeds: int
    n: int  # images of the table
    ok: int  # images restored with every seed
    states: Mapping[RowState, int]  # rows in each
    absences: tuple[Absence, ...]  # of rows that are not ok
    metrics: Mapping[str, Interval]
    unscored: Mapping[str, tuple[Absence, ...]]  # metric column to why ok rows have no score
    partial: frozenset[str]  # metrics over fewer images than another method's in this table
    latency_s: float | None  # median over rows
    latency_quartiles_s: tuple[float, float] | None
    cpu_s: float | None  # median
    peak_mem_bytes: int | None  # median
    metric_s: float | None  # median: scoring, apart from latency as loading and warming up are
    load_s: float | None  # median over cells
    warm_up_s: float | None
    parameters: int | None
    macs: int | None
    spread: Mapping[str, SeedSpread]  # of the metrics, where there are several seeds
    pairs: tuple[Pair, ...] = ()  # this method against each later one of its table
    groups: Mapping[str, int] = field(default_factory=dict)  # metric to tie group; 1 is best

    @property
    def coverage(self) -> float:
        """Share of the images that were restored."""
        return self.ok / self.n

    @property
    def rows(self) -> int:
        """Rows of all images and seeds, whatever their state."""
        return sum(self.states.values())


def summarise(results: Results) -> list[Line]:
    """Every line, tables and methods in the order of the rows."""
    tables: dict[Table, dict[str, list[Row]]] = {}
    for row in results.rows:
        methods = tables.setdefault(Table(row.split, row.scale, row.operator), {})
        methods.setdefault(row.method, []).append(row)
    return [line for table, methods in tables.items() for line in lines_of(table, methods, results)]


def lines_of(table: Table, methods: Mapping[str, Sequence[Row]], results: Results) -> list[Line]:
    """The lines of one table."""
    defined = [facts for facts in results.metrics if facts.applies_to(table.split)]
    images = {row.image for rows in methods.values() for row in rows}
    by_seed = {method: scores_of(rows, defined) for method, rows in methods.items()}
    scores = {method: means_over_seeds(found) for method, found in by_seed.items()}
    scored = {
        facts.column: {image for found in scores.values() for image in found[facts.column]}
        for facts in defined
    }
    pairs = pairs_of(scores, defined)
    lines = []
    for method, rows in methods.items():
        line = line_of(table, method, rows, results, by_seed[method])
        partial = frozenset(
            column
            for column, by_image in scores[method].items()
            if by_image and by_image.keys() != scored[column]
        )
        own = tuple(pair for pair in pairs if pair.method_a == method)
        lines.append(replace(line, n=len(images), partial=partial, pairs=own))
    return with_groups(lines, pairs, defined)


def with_groups(
    lines: Sequence[Line], pairs: Sequence[Pair], metrics: Iterable[MetricFacts]
) -> list[Line]:
    """The lines of one table with their places: among the methods that cover the same images."""
    groups: dict[str, dict[str, int]] = {line.method: {} for line in lines}
    for facts in metrics:
        whole = {
            line.method: line.metrics[facts.column]
            for line in lines
            if facts.column in line.metrics and facts.column not in line.partial
        }
        means = {method: interval.mean for method, interval in whole.items()}
        images = min((interval.n for interval in whole.values()), default=0)
        for method, group in groups_on(facts, means, images, pairs).items():
            groups[method][facts.column] = group
    return [replace(line, groups=groups[line.method]) for line in lines]


def line_of(
    table: Table, method: str, rows: Sequence[Row], results: Results, by_seed: SeedScores
) -> Line:
    """One line, as far as it does not depend on the other methods."""
    ok = [row for row in rows if row.state is RowState.OK]
    seeds = len({row.seed for row in rows})
    latencies = [row.latency_s for row in ok if row.latency_s is not None]
    scores = means_over_seeds(by_seed)
    intervals = {column: mean_interval(list(found.values())) for column, found in scores.items()}
    unscored = {column: absent_scores(ok, column) for column in scores}
    better = {facts.column: facts.better for facts in results.metrics}
    several = {column: found for column, found in by_seed.items() if seeds > 1 and found}
    cells = [
        cell
        for cell in results.cells
        if cell.method == method and Table(cell.split, cell.scale, cell.operator) == table
    ]
    memory = middle(row.peak_mem_bytes for row in ok)
    return Line(
        table=table,
        method=method,
        title=results.titles.get(method, method),
        seeds=seeds,
        n=len({row.image for row in rows}),
        ok=sum(count == seeds for count in Counter(row.image for row in ok).values()),
        states=Counter(row.state for row in rows),
        absences=counted((row.state, row.reason) for row in rows if row.state is not RowState.OK),
        metrics={column: found for column, found in intervals.items() if found},
        unscored={column: why for column, why in unscored.items() if why},
        partial=frozenset(),
        latency_s=middle(latencies),
        latency_quartiles_s=quartiles(latencies),
        cpu_s=middle(row.cpu_s for row in ok),
        peak_mem_bytes=None if memory is None else int(memory),
        metric_s=middle(row.metric_s for row in ok),
        load_s=middle(cell.load_s for cell in cells),
        warm_up_s=middle(cell.warm_up_s for cell in cells),
        parameters=next((c.parameters for c in cells if c.parameters is not None), None),
        macs=next((c.macs for c in cells if c.macs is not None), None),
        spread={column: seed_spread(found, better[column]) for column, found in several.items()},
    )


def absent_scores(ok: Iterable[Row], column: str) -> tuple[Absence, ...]:
    """Why restored rows have no score of that metric."""
    reasons = (why_unscored(row).get(column) for row in ok)
    return counted((RowState.OK, reason) for reason in reasons if reason is not None)


def counted(pairs: Iterable[tuple[RowState, str]]) -> tuple[Absence, ...]:
    """Each state and reason once, with its number."""
    return tuple(Absence(*pair, rows) for pair, rows in Counter(pairs).items())


def quartiles(values: Sequence[float]) -> tuple[float, float] | None:
    """The first and the third."""
    if not values:
        return None
    first, third = np.percentile(values, [25, 75])
    return float(first), float(third)


def middle(values: Iterable[float | None]) -> float | None:
    """The median of those that are known."""
    known = [value for value in values if value is not None]
    return median(known) if known else None
