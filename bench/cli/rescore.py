"""`python -m bench rescore`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import comma_list

EPILOG = """Examples:

  python -m bench rescore reports/runs/photo --metrics st_lpips

  python -m bench rescore reports/runs/photo --metrics lpips_alex,arcface_cosine

Exit status: 0 all rows have the scores, 1 some have a reason instead, 2 a mistake in the command,
4 no row had pictures to score."""


def rescore(
    run: Annotated[Path, typer.Argument(help="A results folder, with its images/.")],
    metrics: Annotated[
        str, typer.Option(help="Comma-separated; `python -m bench list metrics` names them.")
    ],
) -> None:
    """Score the pictures that a run kept by further metrics; nothing is restored again.

    rows.csv, the summaries, the plots and the page are rebuilt. Rows whose pictures are missing
    get the reason.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "0")

    from collections import Counter

    from rich.console import Console
    from rich.progress import Progress

    from bench.core.errors import ExitStatus
    from bench.runs.rescoring import rescoring

    work = rescoring(run, comma_list(metrics))
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("scoring", total=len(work.rows))
        results = work.execute(lambda: progress.advance(task))
    missing: Counter[str] = Counter()
    scores = 0
    for column in (scoring.facts.column for scoring in work.scorings):
        found = sum(column in row.metrics for row in results.rows)
        scores += found
        missing.update(row.unscored[column] for row in results.rows if column in row.unscored)
        typer.echo(f"{column}: {found} rows scored")
    for reason, count in missing.items():
        typer.echo(f"{count} not: {reason}", err=True)
    if not scores:
        raise typer.Exit(ExitStatus.NOTHING_MEASURED)
    raise typer.Exit(ExitStatus.SOME_ROWS_FAILED if missing else ExitStatus.OK)
