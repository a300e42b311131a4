"""The pictures of a row in `images/`, found by its names, which may be a stranger's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bench.core.errors import BenchError
from bench.core.rows import Row


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
    """The restored picture's, as `bench.runs.images` gives it."""
    seed = f".seed{row.seed}" if row.seed else ""
    return f"{row.method}{suffix}{seed}.png"


def shown(path: Path) -> str:
    """The place within its results folder: where that stands says nothing about the row."""
    depth = 4 if path.suffix == ".png" else 3
    return "/".join(path.parts[-depth:])


def serves(folder: Path, suffix: str, scale: int) -> bool:
    """Whether the input of that suffix is the truth reduced by `scale`.

    Only files of scales other than a run's main one carry theirs in the name.
    """
    truth, source = folder / "truth.png", folder / f"input{suffix}.png"
    if not (truth.is_file() and source.is_file()):
        return False
    with Image.open(truth) as large, Image.open(source) as small:
        return large.size == (small.width * scale, small.height * scale)


def is_one_name(text: str) -> bool:
    """Whether the text can name a file of a folder, and none outside it."""
    return text not in ("", ".", "..") and not any(c in text for c in "/\\\0")
