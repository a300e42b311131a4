"""`rows.csv`: one line an image and cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from bench.core.errors import BenchError, UnknownName
from bench.core.rows import Row, RowState
from bench.results.csv_files import (
    T,
    as_csv,
    count,
    finite,
    header_of,
    needed,
    read_csv,
    truth,
    value_of,
)
from bench.results.results import Results

HEAD = ("method", "split", "image", "scale", "operator", "seed", "state", "reason")
COSTS = ("latency_s", "peak_mem_bytes")
# The metrics stand between the costs and these.
TAIL = (
    "cpu_s", "metric_s", "batch", "images_per_s", "threads", "timed_under", "machine",
    "trace_length", "reached_tolerance", "output_digest", "cell_key", "notes",
)  # fmt: skip
STATES = [state.value for state in RowState]


def read_rows(path: Path) -> tuple[list[str], tuple[Row, ...]]:
    """The metric columns of `rows.csv` and its rows; scores come back to the last digit.

    Raises `BenchError` with the line that cannot be read.
    """
    lines = list(read_csv(path, (*HEAD, *COSTS, TAIL[0])))
    header = list(lines[0][1]) if lines else header_of(path)
    columns = header[header.index(COSTS[-1]) + 1 : header.index(TAIL[0])]
    return columns, tuple(row_of(place, line, columns) for place, line in lines)


def row_of(place: str, line: Mapping[str, str], columns: Sequence[str]) -> Row:
    """One row. Raises `BenchError` naming the place and the cell that cannot be read."""
    if line["state"] not in STATES:
        raise BenchError(f"{place}: {UnknownName('state', line['state'], STATES)}")

    def cell(name: str, read_as: Callable[[str], T]) -> T | None:
        return value_of(place, name, line.get(name, ""), read_as)

    scores = {column: cell(column, finite) for column in columns}
    return Row(
        method=line["method"],
        split=line["split"],
        image=line["image"],
        scale=needed(place, "scale", cell("scale", count)),
        operator=line["operator"],
        seed=needed(place, "seed", cell("seed", count)),
        state=RowState(line["state"]),
        reason=line["reason"],
        latency_s=cell("latency_s", finite),
        cpu_s=cell("cpu_s", finite),
        peak_mem_bytes=cell("peak_mem_bytes", count),
        metric_s=cell("metric_s", finite),
        batch=cell("batch", count),
        images_per_s=cell("images_per_s", finite),
        threads=cell("threads", count),
        metrics={column: value for column, value in scores.items() if value is not None},
        unscored=notes_of(line.get("notes", ""), columns),
        trace_length=cell("trace_length", count),
        reached_tolerance=cell("reached_tolerance", truth),
        cell_key=line.get("cell_key", ""),
        machine=line.get("machine", ""),
        timed_under=line.get("timed_under", ""),
        output_digest=line.get("output_digest") or None,
    )


def notes_of(notes: str, columns: Iterable[str]) -> dict[str, str]:
    """Why scores are missing, by metric column: `lpips_alex: why; st_lpips: why`."""
    if not notes:
        return {}
    parts = column_heads(tuple(columns)).split(notes)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@lru_cache(maxsize=8)
def column_heads(columns: tuple[str, ...]) -> re.Pattern[str]:
    """Where the reason of one of these columns begins; nowhere without columns."""
    names = "|".join(map(re.escape, columns)) or r"(?!)"
    return re.compile(rf"(?:^|; )({names}): ", re.DOTALL)


def rows_csv(results: Results) -> str:
    """One line an image and cell; empty where nothing was measured, and `notes` says why."""
    return as_csv(row_columns(results), row_lines(results))


def row_columns(results: Results) -> list[str]:
    """The header."""
    return [*HEAD, *COSTS, *metric_columns(results), *TAIL]


def row_lines(results: Results) -> Iterator[dict[str, Any]]:
    """Every row by column."""
    metrics = metric_columns(results)
    for row in results.rows:
        yield {
            **{name: getattr(row, name) for name in (*HEAD, *COSTS, *TAIL[:-1])},
            **{column: row.score(column) for column in metrics},
            "notes": notes_on(row),
        }


def notes_on(row: Row) -> str:
    """Why scores are missing, as `notes_of` reads it."""
    return "; ".join(f"{column}: {why}" for column, why in row.why_unscored.items())


def metric_columns(results: Results) -> list[str]:
    """The metrics that were scored, then those that could not be."""
    scored = (facts.column for facts in results.metrics)
    return list(dict.fromkeys((*scored, *results.missing_metrics)))
