"""The pictures of several splits, for one network that knows each of them as a class."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from bench.core.errors import BenchError
from bench.training.data import FEWEST, TrainingPictures, read_pictures


@dataclass(frozen=True, kw_only=True)
class LabelledPictures(TrainingPictures):
    """The pictures of the splits one after the other, with the index of each one's class."""

    classes: tuple[str, ...]
    labels: Tensor  # (N,) of `train`
    held_out_labels: Tensor

    @property
    def stem(self) -> str:
        """The domain alone: names of five splits would make a long name."""
        return self.domain


def read_several(data: Path, splits: Sequence[str]) -> LabelledPictures:
    """Those of each split, as `read_pictures` reads them, which together must be as many as one
    split alone. Raises `BenchError`."""
    if twice := [split for split in splits if splits.count(split) > 1]:
        raise BenchError(f"--split names {twice[0]!r} {len(twice)} times")
    fewest = math.ceil(FEWEST / len(splits))
    return labelled([read_pictures(data, split, fewest) for split in splits])


def labelled(parts: Sequence[TrainingPictures]) -> LabelledPictures:
    """Each part as a class. Raises `BenchError` unless all are of one size and domain."""
    first = parts[0]
    for part in parts:
        if (part.size, part.domain) != (first.size, first.domain):
            raise BenchError(
                f"pictures of {first.subject} are {first.size} pixels a side and those of "
                f"{part.subject} {part.size}: one network takes one size, and either rendered "
                "pictures or photographs"
            )
    order = [*((p, 0, len(p.train)) for p in parts), *((p, len(p.train), None) for p in parts)]
    sha256 = [digest for part, start, end in order for digest in part.sha256[start:end]]
    counts = torch.tensor([(len(part.train), len(part.held_out)) for part in parts])
    kinds = torch.arange(len(parts))
    return LabelledPictures(
        split=", ".join(part.split for part in parts),
        train=torch.cat([part.train for part in parts]),
        held_out=torch.cat([part.held_out for part in parts]),
        files=tuple(path for part, start, end in order for path in part.files[start:end]),
        sha256=tuple(sha256),
        digest=hashlib.sha256("".join(sha256).encode()).hexdigest()[:12],
        domain=first.domain,
        classes=tuple(part.split for part in parts),
        labels=kinds.repeat_interleave(counts[:, 0]),
        held_out_labels=kinds.repeat_interleave(counts[:, 1]),
    )
