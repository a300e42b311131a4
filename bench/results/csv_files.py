"""Tables as CSV: written for every reader, read with the place of each mistake."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from bench.core.csv_cells import Reader, guarded
from bench.core.errors import BenchError

T = TypeVar("T")


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


def rounded(value: object) -> object:
    """Statistics to eight digits: the last ones differ between machines."""
    return f"{value:.8g}" if isinstance(value, float) else value


def as_csv(columns: Sequence[str], lines: Iterable[Mapping[str, Any]]) -> str:
    """The lines as RFC 4180 has them, ended by a newline alone; None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writer.writerow(map(guarded, columns))
    for line in lines:
        writer.writerow({name: guarded(value) for name, value in line.items()})
    return text.getvalue()


def statistics_csv(columns: Sequence[str], lines: Iterable[Mapping[str, Any]]) -> str:
    """The same, every number that is not whole `rounded`."""
    return as_csv(columns, ({k: rounded(value) for k, value in line.items()} for line in lines))
