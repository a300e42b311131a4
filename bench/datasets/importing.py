"""A folder of anybody's pictures into a split: square, of one size, 8-bit, lossless."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from pathlib import Path

import numpy as np
import torch

from bench.core.errors import BenchError
from bench.core.files import write_text
from bench.operators import quantise, resize
from bench.pictures.files import SUFFIXES, Pixels, read_rgb, write_png

MORE_SUFFIXES = SUFFIXES | {".bmp", ".gif", ".tif", ".tiff"}


class Fit(StrEnum):
    """How a picture becomes square."""

    CROP = "crop"  # its centre
    STRETCH = "stretch"  # all of it, as GLEAN's protocol does with everything but faces


class Outcome(StrEnum):
    """What became of a file."""

    IMPORTED = "imported"
    THERE_ALREADY = "there already"
    DUPLICATE = "duplicate"
    TOO_SMALL = "too small"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Entry:
    """One line of `manifest.csv`."""

    source: str
    output: str
    sha256: str  # of the source file
    width: int
    height: int
    outcome: Outcome
    note: str = ""


def find_pictures(source: Path) -> list[Path]:
    """Every picture file at or below `source`, in order; links to folders are not followed."""
    found = [
        Path(folder) / name
        for folder, _, names in os.walk(source)
        for name in names
        if Path(name).suffix.lower() in MORE_SUFFIXES and not name.startswith(".")
    ]
    if not found:
        kinds = ", ".join(sorted(MORE_SUFFIXES))
        raise BenchError(f"{source} holds no pictures ({kinds})")
    return sorted(found)


def import_all(files: list[Path], folder: Path, size: int, fit: Fit) -> Iterator[Entry]:
    """Import each file into `folder`, one entry at a time.

    A picture's name is the hash of its pixels, so that the same pictures always give the same
    split, a second run finds what the first has made, and equal pictures are found out.
    """
    seen: dict[str, str] = {}
    for file in files:
        yield import_one(file, folder, size, fit, seen)


def import_one(file: Path, folder: Path, size: int, fit: Fit, seen: dict[str, str]) -> Entry:
    """One file. Only a disk that cannot be written raises."""
    try:
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        pixels = read_rgb(file)
    except (BenchError, OSError) as error:
        return Entry(str(file), "", "", 0, 0, Outcome.UNREADABLE, str(error))
    height, width = pixels.shape[:2]
    if min(height, width) < size:
        note = f"{width}x{height} pixels; enlarging to {size} would invent what is to be restored"
        return Entry(str(file), "", sha256, width, height, Outcome.TOO_SMALL, note)
    made = fitted(pixels, size, fit)
    name = f"{hashlib.sha256(made.tobytes()).hexdigest()[:16]}.png"
    if name in seen:
        note = f"equal to {seen[name]}"
        return Entry(str(file), name, sha256, width, height, Outcome.DUPLICATE, note)
    seen[name] = str(file)
    if (folder / name).exists():
        return Entry(str(file), name, sha256, width, height, Outcome.THERE_ALREADY)
    write_png(folder / name, made)
    return Entry(str(file), name, sha256, width, height, Outcome.IMPORTED)


def fitted(pixels: Pixels, size: int, fit: Fit) -> Pixels:
    """(size, size, 3): the centre or all of the picture, resized with MATLAB's bicubic."""
    height, width = pixels.shape[:2]
    if fit is Fit.CROP:
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        pixels = pixels[top : top + side, left : left + side]
    if pixels.shape[:2] == (size, size):
        return np.ascontiguousarray(pixels)
    planes = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1).float() / 255
    small = quantise(resize(planes, (size, size)))
    return (small * 255).round().byte().permute(1, 2, 0).contiguous().numpy()


def write_manifest(path: Path, entries: list[Entry]) -> None:
    """What became of every file, beside the pictures."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(Entry))
    writer.writerows(astuple(entry) for entry in entries)
    write_text(path, text.getvalue())
