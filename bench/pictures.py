"""The pictures of a row in `images/`: found by its names, which may be a stranger's, and read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.errors import BenchError
from bench.execution.attempt import digest_of, to_pixels, to_tensor
from bench.images import read_rgb
from bench.metrics.base import Sample
from bench.metrics.known import known_of
from bench.operators import operator_of
from bench.report.examples import is_one_name, serves
from bench.rows import Row


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


def sample_of(images: Path, row: Row) -> Sample:
    """What a run would score of that row.

    Raises `BenchError` if the pictures are not all there, or are not those of the row: images/
    holds the latest run's, and an earlier one may have degraded them otherwise.
    """
    place = pictures_of(images, row)
    operator = operator_of(row.operator)
    truth, restored = read_rgb(place.truth), read_rgb(place.restored)
    if truth.shape != restored.shape:
        raise BenchError(f"{place.restored.name} and truth.png differ in size")
    tensor = to_tensor(truth)
    y = operator.observe(tensor)
    if not np.array_equal(to_pixels(y), read_rgb(place.input)):
        raise BenchError(f"{place.input.name} was not made by {row.operator}")
    image = to_tensor(restored)
    if row.output_digest and digest_of(image) != row.output_digest:
        raise BenchError(f"{shown(place.restored)} is not the picture that the row was scored on")
    return Sample(image, tensor, y, operator, (known_of(place.truth, row.split),))
