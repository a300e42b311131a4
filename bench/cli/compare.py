"""`python -m bench compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EPILOG = """Examples:

  python -m bench compare reports/runs/before reports/runs/after

  python -m bench compare before after --csv > differences.csv

  python -m bench compare before after --out reports/before-after

Exit status: 0 something was compared, 2 a mistake in the command, 4 nothing that was measured in
both runs can be compared."""


def compare(
    first: Annotated[Path, typer.Argument(help="A results folder.")],
    second: Annotated[Path, typer.Argument(help="The results folder to hold against it.")],
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, for programs.")] = False,
    out: Annotated[Path | None, typer.Option(help="Receives compare.csv and compare.md.")] = None,
) -> None:
    """Hold two runs against each other, method by method on the images of both.

    Says where operators, protocols or pictures differ, and gives no number there.
    """
    import sys

    from rich.console import Console

    from bench.analysis.comparison import compare as compared
    from bench.core.errors import ExitStatus
    from bench.core.files import write_text
    from bench.report.tables import comparison
    from bench.results import folder

    found = compared(folder.load_results(first), folder.load_results(second))
    if out:
        write_text(out / "compare.csv", comparison.comparison_csv(found))
        write_text(
            out / "compare.md", comparison.comparison_markdown(found, str(first), str(second))
        )
    if as_csv:
        sys.stdout.write(comparison.comparison_csv(found))
    else:
        comparison.show(found, Console())
    raise typer.Exit(ExitStatus.OK if found.has_numbers else ExitStatus.NOTHING_MEASURED)
