"""`python -m bench regress`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EPILOG = """Examples:

  python -m bench regress reports/runs/before reports/runs/after

  python -m bench regress before after --margin psnr_rgb_db=0.05 --time-margin 0.1 --all

  python -m bench regress before after --json | jq .verdicts

Exit status: 0 no regression, 3 a regression (worse, slower, failed, or a different output on the
same machine with the same torch), 4 something that the baseline measured was not measured, or
nothing compares, 2 a mistake in the command.

A baseline need not keep its pictures: run.json and the .json files of store/ will do, and run.json
with rows.csv where time is not compared. `python -m bench compare` gives every difference of two
runs, without a verdict."""


def regress(
    baseline: Annotated[Path, typer.Argument(help="The results folder of the earlier run.")],
    run: Annotated[Path, typer.Argument(help="The results folder of the run to judge.")],
    margin: Annotated[
        list[str] | None,
        typer.Option(help="METRIC=VALUE: the least mean difference that counts; repeatable."),
    ] = None,
    time_margin: Annotated[
        float | None,
        typer.Option(min=0, help="The same of latency: 0.2 is a fifth. [default: 0.2]"),
    ] = None,
    outputs_may_differ: Annotated[
        bool,
        typer.Option(
            "--outputs-may-differ", help="Other pictures with the same scores are no regression."
        ),
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Show what is unchanged, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Tell what became worse, slower, different or better since an earlier run.

    Runs are compared image by image, and never across operators, protocols or contents of
    pictures, nor times across machines.
    """
    from rich.console import Console

    from bench.analysis.regress.compare import compare
    from bench.analysis.regress.findings import TIME_MARGIN, Terms, exit_status
    from bench.cli.options import margins
    from bench.core.errors import UnknownName
    from bench.report.terminal import regressions as shown
    from bench.results import folder

    earlier, later = folder.load_results(baseline), folder.load_results(run)
    chosen = margins(margin or ())
    for name in chosen:
        known = {facts.column for facts in (*earlier.metrics, *later.metrics)}
        if name not in known:
            raise UnknownName("metric", name, known, "Those are the metrics of the two runs.")
    terms = Terms(
        chosen,
        TIME_MARGIN if time_margin is None else time_margin,
        outputs_may_differ,
    )
    findings = compare(earlier, later, terms)
    if as_json:
        typer.echo(shown.as_json(baseline, run, findings, terms))
    else:
        shown.show(Console(), findings, terms, everything)
    raise typer.Exit(exit_status(findings))
