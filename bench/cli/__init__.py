"""The command line: one file a command, heavy imports inside the functions.

`--help`, `list` and `info` never import torch.
"""

from __future__ import annotations

import sys

import typer

from bench.cli import (
    check,
    compare,
    fetch,
    import_,
    info,
    list_,
    regress,
    render,
    report,
    rescore,
    run,
    train,
)
from bench.core.errors import BenchError

app = typer.Typer(
    help="Compare methods of large-factor super-resolution that lean on generative priors.",
    epilog="Start with: python -m bench run --methods glean,pulse --scale 16",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)
app.command("run", epilog=run.EPILOG)(run.run)
app.command("list")(list_.list_names)
app.command("info")(info.info)
app.command("fetch", epilog=fetch.EPILOG)(fetch.fetch)
app.command("check", epilog=check.EPILOG)(check.check)
app.command("import", epilog=import_.EPILOG)(import_.import_pictures)
app.command("render", epilog=render.EPILOG)(render.render)
app.command("train", epilog=train.EPILOG)(train.train)
app.command("compare", epilog=compare.EPILOG)(compare.compare)
app.command("report", epilog=report.EPILOG)(report.report)
app.command("rescore", epilog=rescore.EPILOG)(rescore.rescore)
app.command("regress", epilog=regress.EPILOG)(regress.regress)


def main() -> None:
    """Run the command line; mistakes are told in words, without a traceback."""
    try:
        app(prog_name="python -m bench")
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(error.status)
