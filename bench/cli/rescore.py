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
    from bench.runs.memory_limit import check_memory_limit
    from bench.runs.rescoring import rescoring

    check_memory_limit()
    from bench.runs.rescoring import Scored

    work = rescoring(run, comma_list("--metrics", metrics))
    scored: Counter[str] = Counter()
    kept: dict[str, Counter[str]] = {}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("scoring", total=len(work.rows))

        def count(new: Scored) -> None:
            scored.update(list(new.digests))
            for column, why in new.kept.items():
                kept.setdefault(column, Counter())[why] += 1
            progress.advance(task)

        results = work.execute(count)
    missing: Counter[str] = Counter()
    for column in (scoring.facts.column for scoring in work.scorings):
        missing.update(row.unscored[column] for row in results.rows if column in row.unscored)
        typer.echo(f"{column}: {scored[column]} rows scored")
        for why, number in kept.get(column, {}).items():
            typer.echo(f"{column}: {number} kept the score that they had: {why}", err=True)
    for reason, number in missing.items():
        typer.echo(f"{number} not: {reason}", err=True)
    if not scored and not kept:
        raise typer.Exit(ExitStatus.NOTHING_MEASURED)
    raise typer.Exit(ExitStatus.SOME_ROWS_FAILED if missing else ExitStatus.OK)
