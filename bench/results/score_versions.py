"""Scores of one column are of one version of its metric: others do not stand beside them."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from bench.core.rows import Row
from bench.results.store import Record

T = TypeVar("T")


@dataclass(frozen=True)
class Version:
    """What scores of a column must be of, so that they stand together."""

    protocol: str
    digest: str | None  # None where the protocol alone decides

    def made(self, scored_by: str | None) -> bool:
        """Whether a score of that digest is of this version."""
        if scored_by is None:
            return True
        if self.digest is not None:
            return scored_by == self.digest
        return scored_by.startswith(f"{self.protocol}|")


def with_scores_of(row: Row, record: Record | None, versions: Mapping[str, Version]) -> Row:
    """The row without scores of other versions of the metrics than the latest."""
    if record is None:
        return row
    others = {
        column
        for column in row.metrics
        if column in versions and not versions[column].made(record.scored_by.get(column))
    }
    if not others:
        return row
    why = {
        column: "scored earlier by another version of the metric; `python -m bench rescore OUT "
        f"--metrics {column}` scores all rows alike"
        for column in others
    }
    budgets = tuple(replace(b, metrics=without(b.metrics, others)) for b in row.budgets)
    return replace(
        row,
        metrics=without(row.metrics, others),
        parts=without(row.parts, others),
        unscored=row.unscored | why,
        budgets=budgets,
    )


def without(table: Mapping[str, T], names: Container[str]) -> dict[str, T]:
    """The table less these entries."""
    return {name: value for name, value in table.items() if name not in names}
