"""Who is best in a table, and whose means stand on fewer images."""

from __future__ import annotations

from collections.abc import Sequence

from bench.metrics.registry import Direction, MetricFacts
from bench.summary import Line, Table


def tables_of(lines: Sequence[Line]) -> dict[Table, list[Line]]:
    """Lines that may be compared with each other: one split, scale and operator."""
    tables: dict[Table, list[Line]] = {}
    for line in lines:
        tables.setdefault(line.table, []).append(line)
    return tables


def columns_of(lines: Sequence[Line], metrics: Sequence[MetricFacts]) -> list[MetricFacts]:
    """The metrics that any line of the table has."""
    return [facts for facts in metrics if any(facts.column in line.metrics for line in lines)]


def best(lines: Sequence[Line], facts: MetricFacts) -> frozenset[str]:
    """The methods with the best mean among those over all images; none where nobody competes."""
    whole = {
        line.method: line.metrics[facts.column].mean
        for line in lines
        if facts.column in line.metrics and facts.column not in line.partial
    }
    if len(whole) < 2:  # noqa: PLR2004
        return frozenset()
    top = max(whole.values()) if facts.better is Direction.HIGHER else min(whole.values())
    return frozenset(method for method, mean in whole.items() if mean == top)
