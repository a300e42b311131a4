"""`python -m bench import`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.core.errors import BenchError, printable, some
from bench.core.grouping import grouped

if TYPE_CHECKING:
    from bench.datasets.importing import Entry


class FitOption(StrEnum):
    """How a picture becomes square."""

    CROP = "crop"
    STRETCH = "stretch"


EPILOG = """Examples:

  python -m bench import ~/Pictures/cats --split cat --size 128 --out data

  python -m bench import ~/Pictures/phone --split face --align --out data

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
    align: Annotated[
        bool,
        typer.Option("--align", help="Find every face, turn it upright and cut it out (dlib)."),
    ] = False,
    suite: Annotated[
        str, typer.Option(help="Whose networks the faces are cut out for: photo, paper.")
    ] = "photo",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count the files and write nothing.")
    ] = False,
) -> None:
    """Turn a folder of your own pictures into a split."""
    from collections import Counter

    from rich.console import Console
    from rich.progress import track

    from bench.datasets.importing import Fit, Outcome, check_folder, find_pictures, import_all
    from bench.datasets.manifest import manifest_of, write_manifest
    from bench.datasets.picture_folder import check_folder_name

    for flag, name in (("--split", split), ("--part", part)):
        check_folder_name(flag, name)
    if not source.is_dir():
        why = "is a file, not a folder" if source.exists() else "there is no such folder"
        raise BenchError(f"{printable(source)}: {why}")
    folder, way, faces = out / split / part, Fit(fit.value), None
    if align:
        from bench.datasets.suites import load_suite
        from bench.runs.aligning import aligner

        if fit is not FitOption.CROP:
            raise BenchError("--align cuts faces out, and --fit stretch whole pictures: name one")
        way, faces = Fit.ALIGN, aligner(load_suite(suite), split)
    found = find_pictures(source, folder)
    check_folder(folder, source, size, way)
    files = sum(not each.reason for each in found)
    if dry_run:
        typer.echo(
            f"{files} files below {printable(source)} would go to {printable(folder)}, "
            f"{size}x{size}; {len(found) - files} others would not be read"
        )
        return
    steps = import_all(found, folder, size, way, faces)
    entries = list(
        track(steps, "importing", len(found), console=Console(stderr=True), transient=True)
    )
    counts = Counter(entry.outcome for entry in entries)
    for entry in entries:
        if entry.note and entry.outcome is not Outcome.NO_PICTURE:
            typer.echo(f"{entry.outcome}: {printable(entry.source)}: {entry.note}", err=True)
    for line in told_of_others([each for each in entries if each.outcome is Outcome.NO_PICTURE]):
        typer.echo(line, err=True)
    if not counts[Outcome.IMPORTED] + counts[Outcome.THERE_ALREADY]:
        raise BenchError(f"none of the {files} files below {printable(source)} could be imported")
    write_manifest(folder, (entry.line() for entry in entries))
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    typer.echo(f"{printable(folder)}: {told}; each file is in {printable(manifest_of(folder))}")


def told_of_others(entries: Sequence[Entry]) -> Iterator[str]:
    """What was passed by, by reason."""
    for reason, names in grouped((entry.note, entry.name) for entry in entries).items():
        yield f"not read, {reason}: {some(names)}"
