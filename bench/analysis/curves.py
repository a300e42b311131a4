"""Budget curves: how good an optimisation is after part of its steps, read from `budgets.csv`."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.analysis.summary import Table
from bench.metrics.facts import MetricFacts
from bench.stats import Interval, mean_interval

Key = tuple[Table, str, str]  # table, method, metric column


@dataclass(frozen=True)
class Stage:
    """What a method has reached after `steps`, over the images that have every stage."""

    steps: int
    latency_s: float | None  # median until then
    score: Interval


@dataclass(frozen=True)
class Curve:
    """One method's stages by one metric in one table."""

    table: Table
    method: str
    column: str
    stages: tuple[Stage, ...]


def read_curves(path: Path, metrics: Sequence[MetricFacts]) -> list[Curve]:
    """The curves of the file, in the order of its lines; none if there is no such file.

    An image counts once, with the mean of its seeds, and only if it was scored at every stage:
    a curve over changing images would rise or fall by itself.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    grouped: dict[tuple[Table, str], list[Mapping[str, str]]] = {}
    for line in lines:
        table = Table(line["split"], int(line["scale"]), line["operator"])
        grouped.setdefault((table, line["method"]), []).append(line)
    return [
        curve
        for (table, method), members in grouped.items()
        for facts in metrics
        if facts.applies_to(table.split)
        for curve in curve_of(table, method, members, facts.column)
    ]


def curve_of(
    table: Table, method: str, lines: Sequence[Mapping[str, str]], column: str
) -> Iterator[Curve]:
    """The curve, if there are at least two stages to draw one through."""
    reached: dict[int, dict[tuple[str, str], float]] = {}
    spent: dict[int, list[float]] = {}
    for line in lines:
        steps, value = number(line.get("steps")), number(line.get(column))
        if steps is not None and value is not None:
            reached.setdefault(int(steps), {})[line["image"], line["seed"]] = value
            seconds = number(line.get("latency_s"))
            spent.setdefault(int(steps), []).extend([] if seconds is None else [seconds])
    if len(reached) < 2:
        return
    common = set.intersection(*(set(found) for found in reached.values()))
    stages = []
    for steps in sorted(reached):
        by_image: dict[str, list[float]] = {}
        for (image, seed), value in reached[steps].items():
            if (image, seed) in common:
                by_image.setdefault(image, []).append(value)
        score = mean_interval([sum(values) / len(values) for values in by_image.values()])
        if score is not None:
            stages.append(Stage(steps, median(spent[steps]) if spent[steps] else None, score))
    if len(stages) > 1:
        yield Curve(table, method, column, tuple(stages))


def number(text: str | None) -> float | None:
    """The finite number that the text is, if it is one."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
