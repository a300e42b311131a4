"""Rows drawn together: one line a (method, split, scale), over images and seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from bench.results import Results
from bench.rows import Row, RowState
from bench.stats import Interval, mean_interval

Table = tuple[str, int, str]  # split, scale, operator: rows of different ones are never compared


@dataclass(frozen=True)
class Line:
    """What is known of a method on a split at a scale."""

    method: str
    title: str
    table: Table
    n: int  # images asked for
    ok: int  # images restored
    seeds: int
    states: dict[RowState, int]
    reasons: tuple[str, ...]  # of rows that are not ok, each once
    metrics: dict[str, Interval]
    unscored: dict[str, tuple[str, ...]]  # metric column to the reasons, each once
    partial: frozenset[str]  # metrics over fewer images than the split has
    latency_s: float | None  # median
    latency_quartiles_s: tuple[float, float] | None
    cpu_s: float | None  # median
    peak_mem_bytes: int | None  # median
    parameters: int | None
    macs: int | None

    @property
    def coverage(self) -> float:
        """Share of the images that were restored."""
        return self.ok / self.n if self.n else 0.0


def summarise(results: Results) -> list[Line]:
    """Every line, in the order in which methods and splits were asked for."""
    groups: dict[tuple[Table, str], list[Row]] = {}
    for row in results.rows:
        groups.setdefault(((row.split, row.scale, row.operator), row.method), []).append(row)
    return [line_of(table, method, rows, results) for (table, method), rows in groups.items()]


def line_of(table: Table, method: str, rows: Sequence[Row], results: Results) -> Line:
    """One line from the rows of its images and seeds."""
    ok = [row for row in rows if row.state is RowState.OK]
    images = {row.image for row in rows}
    scores = {
        facts.column: per_image(ok, facts.column)
        for facts in results.metrics
        if facts.applies_to(table[0])
    }
    intervals = {column: mean_interval(values) for column, values in scores.items()}
    latencies = [row.latency_s for row in ok if row.latency_s is not None]
    cells = [
        cell
        for cell in results.cells
        if (cell.split, cell.scale, cell.operator) == table and cell.method == method
    ]
    return Line(
        method=method,
        title=results.titles.get(method, method),
        table=table,
        n=len(images),
        ok=len({row.image for row in ok}),
        seeds=len({row.seed for row in rows}),
        states=dict(Counter(row.state for row in rows)),
        reasons=once(row.reason for row in rows if row.reason),
        metrics={column: found for column, found in intervals.items() if found},
        unscored={
            column: once(row.unscored[column] for row in ok if column in row.unscored)
            for column in scores
            if any(column in row.unscored for row in ok)
        },
        partial=frozenset(
            column for column, values in scores.items() if 0 < len(values) < len(images)
        ),
        latency_s=median(latencies) if latencies else None,
        latency_quartiles_s=quartiles(latencies),
        cpu_s=middle([row.cpu_s for row in ok]),
        peak_mem_bytes=as_int(middle([row.peak_mem_bytes for row in ok])),
        parameters=next((c.parameters for c in cells if c.parameters is not None), None),
        macs=next((c.macs for c in cells if c.macs is not None), None),
    )


def per_image(rows: Iterable[Row], column: str) -> list[float]:
    """The score of each image, the mean over its seeds."""
    by_image: dict[str, list[float]] = {}
    for row in rows:
        if column in row.metrics:
            by_image.setdefault(row.image, []).append(row.metrics[column])
    return [fmean(values) for values in by_image.values()]


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


def as_int(value: float | None) -> int | None:
    """Whole bytes."""
    return None if value is None else int(value)


def once(values: Iterable[str]) -> tuple[str, ...]:
    """The distinct values in order."""
    return tuple(dict.fromkeys(values))
