"""`python -m bench import`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bench.core.errors import BenchError


class FitOption(StrEnum):
    """How a picture becomes square."""

    CROP = "crop"
    STRETCH = "stretch"


EPILOG = """Example:

  python -m bench import ~/Pictures/cats --split cat --size 128 --out data

  python -m bench run --suite photo --data data --methods bicubic,lanczos"""


def import_pictures(
    source: Annotated[Path, typer.Argument(help="Folder of pictures, searched to the bottom.")],
    split: Annotated[str, typer.Option(help="Name of the category, such as cat.")],
    size: Annotated[
        int, typer.Option(min=16, help="Side of the square pictures, in pixels.")
    ] = 128,
    out: Annotated[Path, typer.Option(help="Receives OUT/<split>/<part>/.")] = Path("data"),
    part: Annotated[str, typer.Option(help="test, train or val.")] = "test",
    fit: Annotated[
        FitOption, typer.Option(help="Take the centre, or stretch all of the picture.")
    ] = FitOption.CROP,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count the files and write nothing.")
    ] = False,
) -> None:
    """Turn a folder of your own pictures into a split."""
    from collections import Counter

    from rich.console import Console
    from rich.progress import track

    from bench.datasets.importing import Fit, Outcome, find_pictures, import_all, write_manifest

    if not source.is_dir():
        raise BenchError(f"{source}: there is no such folder")
    if Path(split).name != split or Path(part).name != part:
        raise BenchError("--split and --part are names of folders, not paths")
    files = find_pictures(source)
    folder = out / split / part
    if dry_run:
        typer.echo(f"{len(files)} files below {source} would go to {folder}, {size}x{size}")
        return
    steps = import_all(files, folder, size, Fit(fit.value))
    entries = list(
        track(steps, "importing", len(files), console=Console(stderr=True), transient=True)
    )
    counts = Counter(entry.outcome for entry in entries)
    for entry in entries:
        if entry.note:
            typer.echo(f"{entry.outcome}: {entry.source}: {entry.note}", err=True)
    if not counts[Outcome.IMPORTED] + counts[Outcome.THERE_ALREADY]:
        raise BenchError(f"none of the {len(files)} files below {source} could be imported")
    write_manifest(out / split / f"{part}-manifest.csv", entries)
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    typer.echo(f"{folder}: {told}")
