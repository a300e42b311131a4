"""`python -m bench report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EPILOG = """Examples:

  python -m bench report reports/runs/photo

  python -m bench report laptop/photo server/photo --out reports/both

  python -m bench report before after --keep-apart --out reports/both

  python -m bench report reports/runs/mini --page-images 1 --out to-pass-on

Nothing is restored or scored. A folder without its store, such as a report that somebody passed
on, is read from its rows.csv and run.json."""


def report(
    runs: Annotated[list[Path], typer.Argument(help="Results folders, as `run --out` made them.")],
    out: Annotated[
        Path | None, typer.Option(help="Where to write; several runs need it. [default: the run]")
    ] = None,
    keep_apart: Annotated[
        bool,
        typer.Option(
            "--keep-apart", help="Where runs differ in the same rows, show both as METHOD@RUN."
        ),
    ] = False,
    shown: Annotated[
        int | None,
        typer.Option(
            "--page-images",
            min=0,
            help="Images of each split that the page shows: 1 for a page of few megabytes that is "
            "whole without a folder beside it. [default: all]",
        ),
    ] = None,
) -> None:
    """Rebuild every table, plot and the page from the rows alone, of one run or of several."""
    import sys
    from dataclasses import replace

    from bench.core.errors import BenchError
    from bench.report import write
    from bench.results import folder
    from bench.results.merge import Merged, Source, merge
    from bench.results.run_json import write_run_json
    from bench.results.store import Store
    from bench.runs.merged_images import gather_pictures

    target = out or runs[0]
    if len(runs) > 1 and out is None:
        raise BenchError("several runs are written into a folder of their own: add --out DIR")
    if target.resolve() in {run.resolve() for run in runs}:
        if len(runs) > 1:
            raise BenchError(f"--out {out} is one of the runs: name a folder of its own")
        write(folder.load_results(target), target, target / "images", shown=shown)
    elif Store(target).plans():
        raise BenchError(f"--out {out} holds a run of its own: name another folder")
    else:
        found = {run: folder.load_results(run) for run in runs}
        if len(found) == 1:  # as it is, with its pictures and the command that made them
            results = found[runs[0]]
            merged = Merged(results, tuple(Source(runs[0], row) for row in results.rows))
            record = {**results.run}
        else:
            merged = merge(found, keep_apart=keep_apart)
            record = {**merged.results.run, "arguments": sys.argv[1:]}
        gather_pictures(merged, target)
        if record:
            write_run_json(target, record)
        write(replace(merged.results, run=record), target, target / "images", shown=shown)
    typer.echo(f"Wrote every table, plot and {target / 'report.html'}")
