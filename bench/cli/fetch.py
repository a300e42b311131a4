"""`python -m bench fetch`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli import completing
from bench.cli.completing import completes
from bench.core.errors import BenchError, ExitStatus

if TYPE_CHECKING:
    from bench.weights.card import Card
    from bench.weights.download import Patience

EPILOG = """Examples:

  python -m bench fetch --list

  python -m bench fetch glean-face-16x lpips-alex lpips-vgg

  python -m bench fetch --method glean --split cat

  python -m bench fetch stylegan2-face-basicsr --from ~/Downloads/stylegan2.pth

Interrupted at any moment, the same command goes on where it stopped. Files go to the cache, where
`run` finds them; those that only a person can download are checked and placed by --from.

A file of your own that others shall fetch: put a registry.toml into a folder of BENCH_WEIGHTS,
with a table [NAME] of title, kind, file, url, sha256, licence and serves for each file.

Exit status: 0 all files are here, 1 some could not be fetched, 2 some only a person can get."""


def fetch(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Of files; `fetch --list` names them.",
            autocompletion=completes(completing.weights),
        ),
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="Everything that a method can use, such as glean.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="With --method or --list: only what serves this category.")
    ] = None,
    scale: Annotated[
        int | None, typer.Option(min=2, help="With --method or --list: only for this factor.")
    ] = None,
    listing: Annotated[
        bool,
        typer.Option(
            "--list",
            "--dry-run",
            "-n",
            help="Show what is here and what is missing; fetch nothing.",
        ),
    ] = False,
    file: Annotated[
        Path | None, typer.Option("--from", help="Check and place this file instead.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to put files into. [default: the cache]")
    ] = None,
    retries: Annotated[
        int, typer.Option(min=0, help="After so many vain tries in a row give up.")
    ] = 5,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds to wait for an answer, or for the next byte.")
    ] = 20.0,
) -> None:
    """Get published files of weights: resumed where interrupted, checked, put where run looks."""
    from bench.cli.choosing import choose, table
    from bench.weights.download import Patience
    from bench.weights.fetch import is_searched

    if (split or scale) and not (method or listing):
        raise BenchError("--split and --scale choose among the files of --method or --list")
    chosen = choose(names or (), method, split, scale, everything=listing)
    if listing:
        typer.echo(table(chosen, out))
        return
    if file is not None:
        place_one(chosen, file, out)
    elif not chosen:
        raise BenchError("say what to fetch: NAME, or --method M; `python -m bench fetch --list`")
    else:
        # By hand are only those that are asked for by name, or if there is nothing else.
        by_program = [card for card in chosen if card.is_fetched]
        asked = chosen if names or not by_program else by_program
        fetch_all(asked, out, Patience(timeout, retries), left=len(chosen) - len(asked))
    if out is not None and not is_searched(out):
        typer.echo(f"{out} is not searched by run: set BENCH_WEIGHTS={out}", err=True)


def place_one(chosen: list[Card], file: Path, out: Path | None) -> None:
    """Check and place the user's file: that of the one card, or of the card with its hash."""
    from bench.weights.fetch import place
    from bench.weights.search import identify

    if len(chosen) > 1:
        raise BenchError(f"--from is one file, but {len(chosen)} names are given")
    card = chosen[0] if chosen else None
    if card is None and file.is_file():
        card = identify(file).card
    if card is None:
        raise BenchError(f"--from {file}: say which file it is: python -m bench fetch NAME --from")
    typer.echo(f"{card.name}: {place(card, file, out).path}")
    if card.note:
        typer.echo(f"  {card.note}")


def fetch_all(chosen: list[Card], out: Path | None, patience: Patience, left: int) -> None:
    """Fetch one after the other; what goes wrong with one does not keep the others."""
    from bench.cli.progress.meter import megabytes, meter
    from bench.weights.fetch import by_hand, fetch, in_place
    from bench.weights.web import FetchError

    failed = handed = 0
    for card in chosen:
        if not card.is_fetched and not in_place(card, out):
            handed += 1
            typer.echo(by_hand(card, out))
            continue
        try:
            with meter(card.name) as listener:
                placed = fetch(card, out, patience, listener)
        except FetchError as error:
            failed += 1
            typer.echo(f"error: {error}", err=True)
            continue
        told = "is here already" if placed.was_there else megabytes(placed.path.stat().st_size)
        typer.echo(f"{card.name}: {placed.path} ({told}; licence: {card.licence})")
        if card.sha256 is None:
            typer.echo(f"  no sha256 of it is published; that of this file is {placed.sha256}")
        if card.note:
            typer.echo(f"  {card.note}")
    if left:
        typer.echo(f"{left} more only a person can get: `fetch --list` names them")
    if failed:
        typer.echo(
            "A file from elsewhere: python -m bench fetch NAME --from FILE checks and places it",
            err=True,
        )
        raise typer.Exit(ExitStatus.SOME_ROWS_FAILED)
    if handed:
        raise typer.Exit(ExitStatus.USAGE)
