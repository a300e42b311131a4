"""`python -m bench report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EPILOG = """Examples:

  python -m bench report reports/runs/photo

  python -m bench report laptop/photo server/photo --out reports/both

  python -m bench report before after --keep-apart --out reports/both

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
) -> None:
    """Rebuild every table, plot and the page from the rows alone, of one run or of several."""
    import json
    import sys
    from dataclasses import replace

    from bench.core.errors import BenchError
    from bench.core.files import write_text
    from bench.report import write
    from bench.results import folder
    from bench.results.merge import merge
    from bench.runs.merged_images import gather_pictures

    if len(runs) == 1:
        target = out or runs[0]
        write(folder.load_results(runs[0]), target, runs[0] / "images")
    elif out is None:
        raise BenchError("several runs are written into a folder of their own: add --out DIR")
    elif out.resolve() in {run.resolve() for run in runs}:
        raise BenchError(f"--out {out} is one of the runs: name a folder of its own")
    else:
        target = out
        merged = merge({run: folder.load_results(run) for run in runs}, keep_apart=keep_apart)
        gather_pictures(merged, out)
        record = {**merged.results.run, "arguments": sys.argv[1:]}
        write_text(out / "run.json", json.dumps(record, indent=1) + "\n")
        write(replace(merged.results, run=record), out, out / "images")
    typer.echo(f"Wrote every table, plot and {target / 'report.html'}")
