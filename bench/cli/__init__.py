"""The command line: one file a command, heavy imports inside the functions.

`--help`, `list` and `info` never import torch.
"""

from __future__ import annotations

import sys

import typer

from bench.cli.importing import EPILOG as IMPORT_EPILOG
from bench.cli.importing import import_pictures
from bench.cli.info import info
from bench.cli.listing import list_names
from bench.cli.reporting import report
from bench.cli.run import run
from bench.cli.train import train
from bench.errors import BenchError

app = typer.Typer(
    help="Compare methods of large-factor super-resolution that lean on generative priors.",
    epilog="Start with: python -m bench run --methods bicubic,lanczos --suite photo --data DIR",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)
app.command()(run)
app.command("list")(list_names)
app.command()(info)
app.command("import", epilog=IMPORT_EPILOG)(import_pictures)
app.command()(train)
app.command()(report)


def main() -> None:
    """Run the command line; mistakes are told in words, without a traceback."""
    try:
        app(prog_name="python -m bench")
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(error.status)
