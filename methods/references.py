"""Which of the references a method takes, told from y alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from bench.core.errors import BenchError
from bench.pictures.files import read_rgb
from bench.pictures.tensors import pixels_digest, to_tensor
from methods.base import References, Task

DETAIL_FROM = "detail from "  # how the note of a picture begins that names its references


def read(path: Path, size: tuple[int, int]) -> Tensor:
    """(1, 3, H, W) in [0, 1]. Raises `BenchError` if the picture has another size."""
    picture = to_tensor(read_rgb(path))
    if picture.shape[-2:] != size:
        height, width = picture.shape[-2:]
        raise BenchError(f"{path} is {width}x{height} pixels, expected {size[1]}x{size[0]}")
    return picture


class Pool:
    """The references of a task, and their low resolutions.

    Raises `BenchError` if there are none, and for pictures that cannot be read.
    """

    def __init__(self, task: Task) -> None:
        self.size = task.size
        self.paths = references_of(task).pool
        low = [task.operator.observe(read(path, self.size)) for path in self.paths]
        self.low = torch.cat(low)

    def nearest(self, y: Tensor, count: int) -> list[Path]:
        """Those `count`, fewer of a small pool, whose low resolution is nearest to y (1, 3, h, w),
        by the mean squared error."""
        apart = (self.low - y.cpu()).square().flatten(1).mean(1)
        return [self.paths[place] for place in apart.argsort(stable=True)[:count].tolist()]

    def at_random(self, seed: int, count: int) -> list[Path]:
        """The same number of those that the seed of a picture draws."""
        generator = torch.Generator().manual_seed(seed)
        drawn = torch.randperm(len(self.paths), generator=generator)[:count]
        return [self.paths[place] for place in drawn.tolist()]


def note_of(chosen: Sequence[Path]) -> str:
    """What a row says of its references."""
    return DETAIL_FROM + ", ".join(path.stem for path in chosen)


def named_in(note: str, references: References) -> Path | None:
    """The first of the references that `note_of` named; None of a note on something else."""
    _, _, names = note.partition(DETAIL_FROM)
    first = names.partition(", ")[0]
    return next((path for path in references.files if path.stem == first), None)


def other_view(task: Task, y: Tensor) -> Path:
    """Another picture of what y shows, which an oracle is told.

    Raises `BenchError` if none is known.
    """
    views = references_of(task).views
    try:
        return views[pixels_digest(y)]
    except KeyError:
        raise BenchError("no other view of what this picture shows is known") from None


def references_of(task: Task) -> References:
    """Those of a task. Raises `BenchError` where it has none."""
    if task.references is None:
        raise BenchError(f"beside the pictures of {task.split} there are none to take detail from")
    return task.references
