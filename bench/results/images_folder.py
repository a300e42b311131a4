"""The pictures of a row in `images/`, found by its names, which may be a stranger's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bench.core.errors import BenchError
from bench.core.rows import Row

TRUTH, FACTORS = "truth.png", "truth.json"  # a rendered picture, and what is known of it
INPUT = "input"


@dataclass(frozen=True)
class RowPictures:
    """Where they lie."""

    truth: Path
    input: Path
    restored: Path
    reference: Path  # that the method took detail from; of most methods there is none


def pictures_of(images: Path, row: Row) -> RowPictures:
    """The pictures of an ok row, all of which are there.

    Raises `BenchError` with the reason if one is missing, or if a name could lead elsewhere.
    """
    if not all(is_one_name(name) for name in (row.split, row.image, row.method)):
        raise BenchError("its names cannot be names of files, so that no picture was kept")
    folder = images / row.split / row.image
    suffix = suffix_in(folder, row.scale)
    if suffix is None:
        raise BenchError(f"{shown(folder)} holds no truth and input of {row.scale}x")
    restored = folder / file_name(row.method, suffix, row.seed)
    reference = folder / file_name(reference_of(row.method), suffix, row.seed)
    found = RowPictures(folder / TRUTH, folder / file_name(INPUT, suffix), restored, reference)
    if not found.restored.is_file():
        raise BenchError(f"{shown(found.restored)} is missing")
    return found


def file_name(what: str, suffix: str, seed: int = 0) -> str:
    """What the picture that a method restored is called there, or the input.

    suffix: that of the scale, see `suffix_of`.
    """
    return f"{what}{suffix}{f'.seed{seed}' if seed else ''}.png"


def reference_of(method: str) -> str:
    """What the picture is called there that the method took detail from."""
    return f"{method}.reference"


def suffix_of(scale: int, main_scale: int) -> str:
    """What names of files say of the scale: of a run's main one nothing."""
    return f".x{scale}" if scale != main_scale else ""


def suffix_in(folder: Path, scale: int) -> str | None:
    """What the names of that scale say of it in the folder of an image; None if it has none."""
    return next((s for s in ("", f".x{scale}") if serves(folder, s, scale)), None)


def shown(path: Path) -> str:
    """The place within its results folder: where that stands says nothing about the row."""
    depth = 4 if path.suffix == ".png" else 3
    return "/".join(path.parts[-depth:])


def serves(folder: Path, suffix: str, scale: int) -> bool:
    """Whether the input of that suffix is the truth reduced by `scale`."""
    truth, source = folder / TRUTH, folder / file_name(INPUT, suffix)
    if not (truth.is_file() and source.is_file()):
        return False
    with Image.open(truth) as large, Image.open(source) as small:
        return large.size == (small.width * scale, small.height * scale)


def is_one_name(text: str) -> bool:
    """Whether the text can name a file of a folder, and none outside it."""
    return text not in ("", ".", "..") and not any(c in text for c in "/\\\0")
