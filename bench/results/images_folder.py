"""The pictures of a row in `images/`, found by its names, which may be a stranger's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.core.errors import BenchError
from bench.core.rows import Row
from bench.report.examples import is_one_name, serves


@dataclass(frozen=True)
class RowPictures:
    """Where they lie."""

    truth: Path
    input: Path
    restored: Path


def pictures_of(images: Path, row: Row) -> RowPictures:
    """The pictures of an ok row, all of which are there.

    Raises `BenchError` with the reason if one is missing, or if a name could lead elsewhere.
    """
    if not all(is_one_name(name) for name in (row.split, row.image, row.method)):
        raise BenchError("its names cannot be names of files, so that no picture was kept")
    folder = images / row.split / row.image
    suffix = next((s for s in ("", f".x{row.scale}") if serves(folder, s, row.scale)), None)
    if suffix is None:
        raise BenchError(f"{shown(folder)} holds no truth and input of {row.scale}x")
    found = RowPictures(
        folder / "truth.png", folder / f"input{suffix}.png", folder / file_name(row, suffix)
    )
    if not found.restored.is_file():
        raise BenchError(f"{shown(found.restored)} is missing")
    return found


def file_name(row: Row, suffix: str) -> str:
    """The restored picture's, as `bench.gallery` gives it."""
    seed = f".seed{row.seed}" if row.seed else ""
    return f"{row.method}{suffix}{seed}.png"


def shown(path: Path) -> str:
    """The place within its results folder: where that stands says nothing about the row."""
    depth = 4 if path.suffix == ".png" else 3
    return "/".join(path.parts[-depth:])
