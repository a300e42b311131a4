"""Results from `rows.csv` and `run.json` alone, as a folder without its store has them.

Everything read here may be a stranger's: it is checked, and nothing in it names a file.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from bench.core.errors import BenchError, UnknownName
from bench.core.rows import Row, RowState
from bench.csvcells import Reader
from bench.metrics.facts import Direction, MetricFacts
from bench.metrics.registry import METRICS
from bench.results.cautions import Caution, CautionKind
from bench.results.results import CellFacts, Results
from methods.registry import known

HEAD = ("method", "split", "image", "scale", "operator", "seed", "state", "reason")
COSTS = ("latency_s", "peak_mem_bytes")
CAUTION = ("kind", "text")
TAIL = "cpu_s"  # the metrics stand between the costs and this column
STATES = [state.value for state in RowState]
NOT_ON_RECORD = "not on record"

T = TypeVar("T")


def read(out: Path, run: Mapping[str, Any]) -> Results:
    """The results in `rows.csv`, with what `run.json` and `summary.csv` know of them.

    Scores come back to the last digit. Raises `BenchError` with the line that cannot be read.
    """
    lines = list(read_csv(out / "rows.csv", (*HEAD, *COSTS, TAIL)))
    header = list(lines[0][1]) if lines else header_of(out / "rows.csv")
    columns = header[header.index(COSTS[-1]) + 1 : header.index(TAIL)]
    rows = tuple(row_of(place, line, columns) for place, line in lines)
    scored = {column for row in rows for column in (*row.metrics, *row.unscored)}
    metrics = tuple(
        facts_of(column, run)
        for column in columns
        if column in scored or column in section(run, "metrics")
    )
    missing = section(run, "missing_metrics")
    here = {facts.column for facts in metrics}
    titles = {name: facts.title for name, facts in known().items()}
    splits = section(run, "splits")
    return Results(
        rows=rows,
        cells=tuple(cells_of(out / "summary.csv")),
        metrics=metrics,
        missing_metrics={c: str(missing.get(c, NOT_ON_RECORD)) for c in columns if c not in here},
        titles={name: title for name, title in titles.items() if name in {r.method for r in rows}},
        run=run,
        pictures={
            str(split): {str(k): str(v) for k, v in section(splits[split], "images").items()}
            for split in splits
        },
        cautions=tuple(cautions_of(run)),
    )


def cautions_of(run: Mapping[str, Any]) -> Iterator[Caution]:
    """The warnings that `run.json` has on record; what is none is passed over."""
    found = run.get("warnings")
    for entry in found if isinstance(found, list) else ():
        kind, text = (entry.get(name) if isinstance(entry, dict) else None for name in CAUTION)
        if kind in set(CautionKind) and isinstance(text, str):
            yield Caution(CautionKind(kind), text)


def read_csv(path: Path, wanted: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each line by column, with its place for messages; all have every column."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = Reader(file, strict=True)
            check_header(path, reader.fieldnames or (), wanted)
            for line in reader:
                place = f"{path}, line {reader.line_num}"
                if None in line or None in line.values():
                    raise BenchError(f"{place}: it has not as many cells as the header")
                yield place, dict(line)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BenchError(f"{path} cannot be read as a table: {error}") from None


def header_of(path: Path) -> list[str]:
    """The columns of a table without lines."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(Reader(file).fieldnames or ())


def check_header(path: Path, header: Sequence[str], wanted: Sequence[str]) -> None:
    """Every wanted column is there, once. Raises `BenchError`."""
    missing = [name for name in wanted if name not in header]
    twice = sorted({name for name in header if header.count(name) > 1})
    if missing or twice:
        lacking = f"it lacks {', '.join(missing)}" if missing else f"{twice[0]} stands there twice"
        raise BenchError(f"{path} is no table that `python -m bench run` wrote: {lacking}")


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
        metrics={column: value for column, value in scores.items() if value is not None},
        unscored=notes_of(line.get("notes", ""), columns),
        trace_length=cell("trace_length", count),
        reached_tolerance=cell("reached_tolerance", truth),
        output_digest=line.get("output_digest") or None,
    )


def value_of(place: str, name: str, text: str, read_as: Callable[[str], T]) -> T | None:
    """The cell's value; None of an empty one."""
    if text == "":
        return None
    try:
        return read_as(text)
    except (ValueError, KeyError):
        raise BenchError(f"{place}: {name} is {text[:60]!r}, which is no such value") from None


def needed(place: str, name: str, value: T | None) -> T:
    """A value that no row can do without."""
    if value is None:
        raise BenchError(f"{place}: {name} is empty")
    return value


def count(text: str) -> int:
    """A whole number of at least 0."""
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise ValueError(text)
    return int(text)


def finite(text: str) -> float:
    """A number that a mean can take."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def truth(text: str) -> bool:
    """True or False, as Python writes them."""
    return {"True": True, "False": False}[text]


def notes_of(notes: str, columns: Iterable[str]) -> dict[str, str]:
    """Why scores are missing, by metric column: `lpips_alex: why; st_lpips: why`."""
    names = "|".join(map(re.escape, columns))
    if not names:
        return {}
    parts = re.split(rf"(?:^|; )({names}): ", notes, flags=re.DOTALL)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def facts_of(column: str, run: Mapping[str, Any]) -> MetricFacts:
    """The metric of a column under the protocol that `run.json` has on record."""
    recorded = section(section(run, "metrics"), column)
    protocol = str(recorded.get("protocol", NOT_ON_RECORD))
    if column in METRICS:
        return replace(METRICS[column], protocol=protocol)
    if recorded.get("better") not in set(Direction):
        raise BenchError(
            f"rows.csv has a column {column!r}, and run.json does not say which way it is better; "
            f"known metrics: {', '.join(METRICS)}"
        )
    return MetricFacts(column, column, Direction(recorded["better"]), "", protocol, "")


def cells_of(path: Path) -> Iterator[CellFacts]:
    """What `summary.csv` has of the cells, if it is there: sizes, costs and loading times."""
    if not path.is_file():
        return
    wanted = ("method", "split", "scale", "operator", "parameters", "macs")
    for place, line in read_csv(path, wanted):
        yield CellFacts(
            key="",
            method=line["method"],
            split=line["split"],
            scale=needed(place, "scale", value_of(place, "scale", line["scale"], count)),
            operator=line["operator"],
            seed=0,
            parameters=value_of(place, "parameters", line["parameters"], count),
            macs=value_of(place, "macs", line["macs"], count),
            load_s=value_of(place, "load_s", line.get("load_s", ""), finite),
            warm_up_s=value_of(place, "warm_up_s", line.get("warm_up_s", ""), finite),
        )


def section(table: object, name: str) -> Mapping[str, Any]:
    """A table within a table; empty where there is none of that name."""
    found = table.get(name) if isinstance(table, Mapping) else None
    return found if isinstance(found, Mapping) else {}
