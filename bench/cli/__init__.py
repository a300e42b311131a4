"""The command line: one file a command, heavy imports inside the functions.

`--help`, `list` and `info` never import torch.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import bench
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
    restore,
    run,
    table,
    train,
)
from bench.cli.grouped import Grouped
from bench.core.errors import BenchError, ExitStatus
from bench.core.signals import ending_tidily, status_of, told
from bench.core.streams import settled

COMPLETION = ("--install-completion", "--show-completion")


class Commands(TyperGroup):
    """All commands; each ends by a signal as shells expect, wherever the signal meets it."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            typer.echo(told(interrupt), err=True)
            raise typer.Exit(status_of(interrupt)) from None


def show_version(is_wanted: bool) -> None:
    """Say the version, and end."""
    if is_wanted:
        typer.echo(f"bench {bench.__version__}")
        raise typer.Exit


def general(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=show_version, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """What every command has."""


app = typer.Typer(
    cls=Commands,
    help="Compare methods of large-factor super-resolution that lean on generative priors.",
    epilog="Start with: python -m bench run --methods glean,pulse --scale 16",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)
app.callback()(general)
app.command("run", cls=Grouped, epilog=run.EPILOG)(run.run)
app.command("restore", epilog=restore.EPILOG)(restore.restore)
app.command("list")(list_.list_names)
app.command("info")(info.info)
app.command("fetch", epilog=fetch.EPILOG)(fetch.fetch)
app.command("check", epilog=check.EPILOG)(check.check)
app.command("import", epilog=import_.EPILOG)(import_.import_pictures)
app.command("render", epilog=render.EPILOG)(render.render)
app.command("train", epilog=train.EPILOG)(train.train)
app.command("compare", epilog=compare.EPILOG)(compare.compare)
app.command("report", epilog=report.EPILOG)(report.report)
app.command("table", epilog=table.EPILOG)(table.table)
app.command("rescore", epilog=rescore.EPILOG)(rescore.rescore)
app.command("regress", epilog=regress.EPILOG)(regress.regress)


def main() -> None:
    """Run the command line; mistakes are told in words, without a traceback."""
    # A notebook's or a desktop's would be imported, and nothing here is shown in a window.
    os.environ["MPLBACKEND"] = "agg"
    with settled() as streams, ending_tidily():
        status = status_of_command()
        sys.stdout.flush()
        if streams.lost:
            tell(f"standard output is not whole: {streams.lost}")
            status = status or ExitStatus.OUTPUT_LOST
    sys.exit(status)


def called() -> str:
    """What help calls the program; a shell completes the command `bench` alone, which pip installs
    beside Python."""
    is_completing = "_BENCH_COMPLETE" in os.environ or any(
        argument.partition("=")[0] in COMPLETION for argument in sys.argv[1:]
    )
    return "bench" if is_completing else "python -m bench"


def status_of_command() -> Any:
    """Run the command, and say what the shell is to be told."""
    try:
        check_values(sys.argv[1:])
        app(prog_name=called())
    except BenchError as error:
        tell(str(error))
        return error.status
    # What a folder or a file refuses is its owner's to mend, whichever it is.
    except OSError as error:
        if error.filename is None:
            raise
        tell(f"{error.filename}: {error.strerror}")
        return ExitStatus.USAGE
    except KeyboardInterrupt as interrupt:  # before a command began, or after it ended
        return status_of(interrupt)
    except SystemExit as end:
        return end.code
    return ExitStatus.OK


def check_values(arguments: Sequence[str]) -> None:
    """Raise `BenchError` for an empty one, which means nothing anywhere."""
    for before, argument in zip(("", *arguments), arguments, strict=False):
        name, equals, value = argument.partition("=")
        is_option = name.startswith("-")
        if not argument.strip() or (is_option and equals and not value.strip()):
            where = name if is_option else before
            what = f"{where}: its value" if where.startswith("-") else "an argument"
            raise BenchError(
                f"{what} is empty, as a variable of the shell is that was never set; "
                "leave it out, or name something"
            )


def tell(text: str) -> None:
    """An error, on standard error."""
    print(f"error: {text}", file=sys.stderr)  # noqa: T201
