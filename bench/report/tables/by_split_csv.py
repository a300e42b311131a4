"""Methods by splits as CSV: a line a method, the columns of each split side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bench.analysis.by_split import MethodLine, SplitTable
from bench.results.csv_files import statistics_csv

BOUNDS = ("lo", "hi")


def by_split_csv(tables: Sequence[SplitTable], *, intervals: bool = False) -> str:
    """All scales and operators in one; `face_psnr_rgb_db_n` is the number of images of a mean."""
    ends = ("mean", *(BOUNDS if intervals else ()), "n")
    columns = dict.fromkeys(
        f"{key.split}_{facts.column}_{end}"
        for table in tables
        for key in table.splits
        for facts in table.metrics
        for end in ends
    )
    lines = [line for table in tables for line in csv_lines(table)]
    head = ("method", "scale", "operator", *columns)
    return statistics_csv(head, ({k: line[k] for k in head if k in line} for line in lines))


def csv_lines(table: SplitTable) -> Iterator[dict[str, Any]]:
    """Each method by column."""
    for line in table.lines:
        head = {"method": line.method, "scale": table.scale, "operator": table.operator}
        yield {**head, **dict(values(line))}


def values(line: MethodLine) -> Iterator[tuple[str, Any]]:
    """What is known of a method on each split, by column."""
    for key, found in line.scores.items():
        for column, score in found.items():
            stem, interval = f"{key.split}_{column}", score.interval
            yield f"{stem}_mean", interval.mean
            yield f"{stem}_lo", interval.low
            yield f"{stem}_hi", interval.high
            yield f"{stem}_n", interval.n
