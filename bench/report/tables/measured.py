"""What was measured, as a table: which file each method read, and how its settings differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.core.grouping import grouped
from bench.report.formats import NOTHING
from bench.results.measured import Measured, UsedFile
from bench.results.results import Results

HEADERS = ("method", "on", "file", "sha256", "licence", "trained on", "settings")
NOTE = (
    "Settings are those that are not the paper's, or, of what the paper does not have, not the "
    "default. A file's sha256 is cut to its first 12 digits; run.json has it whole."
)


@dataclass(frozen=True)
class MeasuredRow:
    """A method with one of its files, on all the splits where it is the same."""

    method: str  # its label
    cells: tuple[str, ...]  # under `HEADERS`, the method left out


def measured_rows(results: Results) -> list[MeasuredRow]:
    """The methods in the order of the rows, a line for each file of each kind of cell."""
    methods = dict.fromkeys(row.method for row in results.rows)
    by_method = grouped((found.method, found) for found in results.measured)
    return [
        row for method in methods for row in rows_of(method, by_method.get(method, ()))
    ]  # fmt: skip


def rows_of(method: str, measured: Sequence[Measured]) -> list[MeasuredRow]:
    """The lines of one method."""
    alike = grouped(((found.files, found.settings), found) for found in measured)
    rows = []
    for (files, settings), cells in alike.items():
        told = "; ".join(settings) or NOTHING
        for i, file in enumerate(files or (None,)):
            cell = (places(cells), *file_cells(file), told if i == 0 else "")
            rows.append(MeasuredRow(method, cell))
    return rows


def file_cells(file: UsedFile | None) -> tuple[str, str, str, str]:
    """The columns of a file."""
    if file is None:
        return (NOTHING, NOTHING, NOTHING, NOTHING)
    return (file.file, file.sha256[:12], file.licence or NOTHING, file.trained_on or NOTHING)


def places(cells: Sequence[Measured]) -> str:
    """Such as `face, cat at 16x`."""
    scales: Mapping[int, list[str]] = grouped((cell.scale, cell.split) for cell in cells)
    return "; ".join(f"{', '.join(dict.fromkeys(s))} at {scale}x" for scale, s in scales.items())
