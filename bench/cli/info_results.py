"""What `python -m bench info FOLDER` says of a results folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tabulate import tabulate

from bench.core.errors import printable
from bench.report.conditions import commands, origin, suite_title
from bench.report.tables.measured import HEADERS, NOTE, measured_rows
from bench.results.folder import load_results

WIDTHS = {"on": 24, "file": 34, "licence": 30, "trained on": 30, "settings": 30}


def results_parts(out: Path) -> Iterator[str]:
    """What was measured, with which files and settings, and how to make it again.

    Raises `BenchError` if the folder holds no results.
    """
    results = load_results(out)
    methods = dict.fromkeys(row.method for row in results.rows)
    yield "\n".join(part for part in (suite_title(results), origin(results)) if part)
    lines = [[printable(text) for text in (r.method, *r.cells)] for r in measured_rows(results)]
    if lines:
        widths = [WIDTHS.get(header) for header in HEADERS]
        yield tabulate(lines, HEADERS, "simple", maxcolwidths=widths, disable_numparse=True)
        yield NOTE
    elif methods:
        yield f"{', '.join(methods)}: which files and settings they had is not on record"
    if again := commands(results):
        yield "\n".join(["To make it again, from a clean shell:", *(f"  {told}" for told in again)])
