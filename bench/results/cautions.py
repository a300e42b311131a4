"""What a reader must be warned of before trusting the numbers of a run, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bench.core.grouping import grouped
from bench.core.rows import OUT_OF_RANGE, Row, RowState, TableKey


class CautionKind(StrEnum):
    """What gives rise to it."""

    LEAKAGE = "leakage"  # pictures of the test were trained on
    SANITY = "sanity"  # stand-ins do not score in the order that theory demands
    STORED = "stored"  # rows that were measured otherwise stand in no table
    OUTPUT = "output"  # of restored pictures: clipped, or what their method notes of them


@dataclass(frozen=True)
class Caution:
    """One warning: a whole sentence that names method, split and scale."""

    kind: CautionKind
    text: str
    table: TableKey | None = None  # that it concerns; None: not on record
    metric: str = ""  # the column of the metric that is not to be trusted there

    @property
    def entry(self) -> dict[str, Any]:
        """As `run.json` has it."""
        found: dict[str, Any] = {"kind": self.kind.value, "text": self.text}
        if self.table:
            found |= self.table._asdict()
        return found | ({"metric": self.metric} if self.metric else {})


def of_rows(rows: Iterable[Row]) -> Iterator[Caution]:
    """Which pictures had to be clipped, once a method and table, with the first of them."""
    ok = (row for row in rows if row.state is RowState.OK)
    for (_, table), group in grouped(((row.method, row.table), row) for row in ok).items():
        if told := [row for row in group if row.reason.startswith(OUT_OF_RANGE)]:
            count = f"{len(told)} of {len(group)} pictures"
            text = f"{told[0].subject}: {count}; {told[0].image} is {told[0].reason}"
            yield Caution(CautionKind.OUTPUT, text, table)
