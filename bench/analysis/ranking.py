"""The order of the methods in a table, who is best in a column, and whom it is not told from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.analysis.summary import Line, Table
from bench.metrics.facts import Direction, MetricFacts

FIDELITY = "psnr_rgb_db"
# At large factors people judge what pixel errors reward as blur: a perceptual metric leads.
PERCEPTUAL = ("lpips_alex", "lpips_vgg", "st_lpips")


@dataclass(frozen=True)
class Ranking:
    """The methods of a table by one metric, best first, those that share a place together."""

    metric: MetricFacts
    groups: tuple[tuple[str, ...], ...]


def tables_of(lines: Sequence[Line]) -> dict[Table, list[Line]]:
    """Lines that may be compared with each other."""
    tables: dict[Table, list[Line]] = {}
    for line in lines:
        tables.setdefault(line.table, []).append(line)
    return tables


def columns_of(lines: Sequence[Line], metrics: Sequence[MetricFacts]) -> list[MetricFacts]:
    """The metrics that any of the lines has."""
    return [facts for facts in metrics if any(facts.column in line.metrics for line in lines)]


def leading_metric(
    lines: Sequence[Line], metrics: Sequence[MetricFacts], wanted: Sequence[str] = PERCEPTUAL
) -> MetricFacts | None:
    """The first of the wanted metrics that was measured, else PSNR, else any."""
    measured = {facts.column: facts for facts in columns_of(lines, metrics)}
    order = [*wanted, FIDELITY, *measured]
    return next((measured[column] for column in order if column in measured), None)


def ranked(lines: Sequence[Line], facts: MetricFacts | None) -> list[Line]:
    """Best first by that metric; then means over fewer images, then what was not measured."""

    def place(line: Line) -> tuple[int, float]:
        interval = line.metrics.get(facts.column) if facts else None
        if facts is None or interval is None:
            return 2, 0.0
        sign = -1 if facts.better is Direction.HIGHER else 1
        return int(facts.column in line.partial), sign * interval.mean

    return sorted(lines, key=place)


def best(lines: Sequence[Line], facts: MetricFacts) -> frozenset[str]:
    """The methods with the best mean of those over the same images; none if only one competes."""
    means = {
        line.method: line.metrics[facts.column].mean
        for line in lines
        if facts.column in line.metrics and facts.column not in line.partial
    }
    if len(means) < 2:
        return frozenset()
    top = max(means.values()) if facts.better is Direction.HIGHER else min(means.values())
    return frozenset(method for method, mean in means.items() if mean == top)


def tied_with_best(lines: Sequence[Line], facts: MetricFacts) -> frozenset[str]:
    """The methods that the images do not tell apart from the best; the best itself is not in it."""
    first = {line.method for line in lines if line.groups.get(facts.column) == 1}
    return frozenset(first - best(lines, facts))


def rankings(lines: Sequence[Line], metrics: Sequence[MetricFacts]) -> list[Ranking]:
    """The tie groups of one table on each metric that ranks at least two methods."""
    found = []
    for facts in columns_of(lines, metrics):
        groups: dict[int, list[str]] = {}
        for line in ranked(lines, facts):
            if facts.column in line.groups:
                groups.setdefault(line.groups[facts.column], []).append(line.method)
        if groups:
            found.append(Ranking(facts, tuple(tuple(groups[place]) for place in sorted(groups))))
    return found
