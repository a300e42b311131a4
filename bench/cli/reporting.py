"""`python -m bench report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    results: Annotated[Path, typer.Argument(help="A results folder, as `run --out` made it.")],
) -> None:
    """Rebuild every table, plot and the page of a results folder from its rows alone."""
    from bench import ledger
    from bench.report import write

    write(ledger.read(results), results, results / "images")
    typer.echo(f"Wrote rows.csv, summary.csv, summary.md, plots/ and report.html in {results}")
