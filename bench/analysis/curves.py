"""Budget curves: how good an optimisation is after part of its steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bench.analysis.costs import usual
from bench.core.grouping import grouped
from bench.core.rows import Row, TableKey
from bench.metrics.facts import MetricFacts
from bench.results.budgets_csv import stages
from bench.stats import Interval, mean_interval


@dataclass(frozen=True)
class CurveStage:
    """What a method has reached after `steps`, over the images that have every stage."""

    steps: int
    latency_s: float | None  # median until then, of rows timed under one condition
    score: Interval


@dataclass(frozen=True)
class Curve:
    """One method's stages by one metric in one table."""

    table: TableKey
    method: str
    column: str
    stages: tuple[CurveStage, ...]


def curves_of(rows: Iterable[Row], metrics: Sequence[MetricFacts]) -> tuple[Curve, ...]:
    """The curves of one table, methods in the order of its rows.

    An image counts once, with the mean of its seeds, and only if it was scored at every stage:
    a curve over changing images would rise or fall by itself.
    """
    by_method = grouped((row.method, reached) for row in rows for reached in stages(row))
    return tuple(
        curve
        for members in by_method.values()
        for facts in metrics
        if facts.applies_to(members[0].split)
        for curve in curve_of(members, facts.column)
    )


def curve_of(reached: Sequence[Row], column: str) -> Iterator[Curve]:
    """The curve, if there are at least two stages to draw one through.

    reached: the rows of one method as they stood at each milestone.
    """
    condition = usual(row for row in reached if row.latency_s is not None)
    scores: dict[int, dict[tuple[str, int], float]] = {}
    spent: dict[int, list[float]] = {}
    for row in reached:
        value = row.score(column)
        if row.trace_length is not None and value is not None:
            scores.setdefault(row.trace_length, {})[row.image, row.seed] = value
            seconds = spent.setdefault(row.trace_length, [])
            seconds += [row.latency_s] if row.latency_s and row.timed == condition else []
    if len(scores) < 2:
        return
    common = set.intersection(*(set(found) for found in scores.values()))
    found = []
    for steps in sorted(scores):
        by_image = grouped(
            (place[0], value) for place, value in scores[steps].items() if place in common
        )
        score = mean_interval([sum(values) / len(values) for values in by_image.values()])
        if score is not None:
            found.append(CurveStage(steps, median(spent[steps]) if spent[steps] else None, score))
    if len(found) > 1:
        yield Curve(reached[0].table, reached[0].method, column, tuple(found))
