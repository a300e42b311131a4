"""Rows drawn together: one line a method in each table, over images and seeds.

A table is one split at one scale through one operator; rows of different tables are never
compared. Within a table, a mean is comparable with the others of its column if it is over the
same images; one that is over fewer is marked `partial`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import NamedTuple

import numpy as np

from bench.metrics.registry import MetricFacts
from bench.results import Results
from bench.rows import Row, RowState
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
    parameters: int | None
    macs: int | None

    @property
    def coverage(self) -> float:
        """Share of the images that were restored."""
        return self.ok / self.n

    @property
    def rows(self) -> int:
        """Rows of all images and seeds, whatever their state."""
        return sum(self.states.values())


Scores = Mapping[str, Mapping[str, float]]  # metric column to image to score


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
    scores = {method: scores_of(rows, defined) for method, rows in methods.items()}
    scored = {
        facts.column: {image for found in scores.values() for image in found[facts.column]}
        for facts in defined
    }
    lines = []
    for method, rows in methods.items():
        partial = frozenset(
            column
            for column, by_image in scores[method].items()
            if by_image and by_image.keys() != scored[column]
        )
        lines.append(line_of(table, method, rows, results, len(images), scores[method], partial))
    return lines


def line_of(
    table: Table,
    method: str,
    rows: Sequence[Row],
    results: Results,
    images: int,
    scores: Scores,
    partial: frozenset[str],
) -> Line:
    """One line."""
    ok = [row for row in rows if row.state is RowState.OK]
    seeds = len({row.seed for row in rows})
    latencies = [row.latency_s for row in ok if row.latency_s is not None]
    intervals = {column: mean_interval(list(found.values())) for column, found in scores.items()}
    unscored = {column: absent_scores(ok, column) for column in scores}
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
        n=images,
        ok=sum(count == seeds for count in Counter(row.image for row in ok).values()),
        states=Counter(row.state for row in rows),
        absences=counted((row.state, row.reason) for row in rows if row.state is not RowState.OK),
        metrics={column: found for column, found in intervals.items() if found},
        unscored={column: why for column, why in unscored.items() if why},
        partial=partial,
        latency_s=middle(latencies),
        latency_quartiles_s=quartiles(latencies),
        cpu_s=middle(row.cpu_s for row in ok),
        peak_mem_bytes=None if memory is None else int(memory),
        parameters=next((c.parameters for c in cells if c.parameters is not None), None),
        macs=next((c.macs for c in cells if c.macs is not None), None),
    )


def scores_of(rows: Sequence[Row], metrics: Iterable[MetricFacts]) -> dict[str, dict[str, float]]:
    """Metric column to image to score: the mean over its seeds, if every seed was scored."""
    seeds = len({row.seed for row in rows})
    found: dict[str, dict[str, float]] = {}
    for facts in metrics:
        by_image: dict[str, list[float]] = {}
        for row in rows:
            value = score(row, facts.column)
            if value is not None:
                by_image.setdefault(row.image, []).append(value)
        found[facts.column] = {
            image: fmean(values) for image, values in by_image.items() if len(values) == seeds
        }
    return found


def score(row: Row, column: str) -> float | None:
    """The row's score, unless it has none or one that no mean can take: infinite or no number."""
    value = row.metrics.get(column)
    if row.state is not RowState.OK or value is None or not math.isfinite(value):
        return None
    return value


def why_unscored(row: Row) -> dict[str, str]:
    """Metric column to the reason why the row has no score there."""
    senseless = {
        column: f"the metric returned {value}"
        for column, value in row.metrics.items()
        if not math.isfinite(value)
    }
    return {**row.unscored, **senseless}


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
