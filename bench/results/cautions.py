"""What a reader must be warned of before trusting the numbers of a run, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bench.core.rows import Row, RowState


class CautionKind(StrEnum):
    """What gives rise to it."""

    LEAKAGE = "leakage"  # pictures of the test were trained on
    SANITY = "sanity"  # stand-ins do not score in the order that theory demands
    OUTPUT = "output"  # restored pictures were of another range, and clipped


@dataclass(frozen=True)
class Caution:
    """One warning: a whole sentence that names method, split and scale."""

    kind: CautionKind
    text: str


def of_rows(rows: Iterable[Row]) -> Iterator[Caution]:
    """What rows that are ok have to say, once a method and table, with the first of them."""
    groups: dict[tuple[str, str, int, str], list[Row]] = {}
    for row in rows:
        if row.state is RowState.OK:
            groups.setdefault((row.method, row.split, row.scale, row.operator), []).append(row)
    for (method, split, scale, _), group in groups.items():
        if told := [row for row in group if row.reason]:
            count = f"{len(told)} of {len(group)} pictures"
            text = f"{method} on {split} at {scale}x: {count}; {told[0].image} is {told[0].reason}"
            yield Caution(CautionKind.OUTPUT, text)
