"""The pictures of a training: read once, held as bytes, and never those of the test."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bench.core.errors import BenchError, some
from bench.datasets.picture_folder import in_order
from bench.datasets.rendered import is_rendered
from bench.datasets.splits import hash_file, import_command
from bench.pictures.files import read_rgb
from bench.pictures.kinds import is_picture

FEWEST = 200
HELD_OUT_PART = 10  # one picture in ten, where there is no val folder


@dataclass(frozen=True)
class TrainingPictures:
    """train, held_out: (N, 3, S, S) uint8, in the order of their names.

    files: every file read, those held out last, to notice those that vanish; sha256: of each.
    digest: of the content of all of them. domain: photo or rendered.
    """

    split: str
    train: Tensor
    held_out: Tensor
    files: tuple[Path, ...]
    sha256: tuple[str, ...]
    digest: str
    domain: str = "photo"

    @property
    def subject(self) -> str:
        """What they show, in words: `face`, or `rendered face`."""
        return self.split if self.domain == "photo" else f"{self.domain} {self.split}"

    @property
    def stem(self) -> str:
        """How names of weights begin: as cards are told apart by them, another in each domain."""
        return self.split if self.domain == "photo" else f"{self.domain}-{self.split}"

    @property
    def size(self) -> int:
        """Side of the pictures in pixels."""
        return self.train.shape[-1]

    def check_present(self) -> None:
        """Raise `BenchError` if files have vanished since they were read.

        They are in memory and training could go on, but it could not be resumed.
        """
        gone = [path.name for path in self.files if not path.exists()]
        if gone:
            raise BenchError(
                f"{len(gone)} of the {len(self.files)} pictures trained on are gone: "
                f"{some(gone)}. The last checkpoint is intact: put them back and go on "
                "with --resume, or start anew in another --out"
            )


def read_pictures(data: Path, split: str, fewest: int = FEWEST) -> TrainingPictures:
    """Pictures of `data/<split>`: `train/` and `val/` where they exist, else the folder itself,
    one in ten, chosen by content, held out.

    Raises `BenchError` for a missing folder, fewer than `fewest` pictures to train on, pictures
    that are not square and of one size, any that `data/<split>/test` holds too, and rendered ones
    among photographs.
    """
    folder = find_training_folder(data, split)
    rendered = {is_rendered(folder)}
    hashes = hash_files(list_pictures(folder))
    held_out_folder = folder.parent / "val"
    if folder.name == "train" and held_out_folder.is_dir():
        held_out_hashes = hash_files(list_pictures(held_out_folder))
        rendered.add(is_rendered(held_out_folder))
        hashes = {path: h for path, h in hashes.items() if h not in set(held_out_hashes.values())}
    else:
        held_out_hashes = {p: h for p, h in hashes.items() if int(h[:8], 16) % HELD_OUT_PART == 0}
        hashes = {path: h for path, h in hashes.items() if path not in held_out_hashes}
    if len(hashes) < fewest or len(held_out_hashes) < 2:
        raise BenchError(
            f"{folder} has {len(hashes)} pictures to train on and {len(held_out_hashes)} held out; "
            f"at least {fewest} and 2 are needed, and some thousands are better"
        )
    if len(rendered) > 1:
        raise BenchError(
            f"of {folder} and {held_out_folder} one holds rendered pictures and the other "
            "photographs: train on the one or the other"
        )
    every = hashes | held_out_hashes
    refuse_test_pictures(every, data / split / "test")
    size = common_size(images := {path: read_rgb(path) for path in every})
    if size < 32 or size & (size - 1):
        raise BenchError(
            f"the pictures of {folder} are {size} pixels a side; training takes 32, 64, 128, ...: "
            f"`{import_command(folder, split, 128, folder.name)}` makes such"
        )
    return TrainingPictures(
        split=split,
        train=stack([images[path] for path in hashes]),
        held_out=stack([images[path] for path in held_out_hashes]),
        files=tuple(every),
        sha256=tuple(every.values()),
        digest=hashlib.sha256("".join(every.values()).encode()).hexdigest()[:12],
        domain="rendered" if rendered == {True} else "photo",
    )


def find_training_folder(data: Path, split: str) -> Path:
    """`data/<split>/train`, or `data/<split>`."""
    for folder in (data / split / "train", data / split):
        if folder.is_dir() and list_pictures(folder):
            return folder
    raise BenchError(
        f"no pictures in {data / split / 'train'} nor in {data / split}: "
        f"`python -m bench import PICTURES --split {split} --out {data}` fills one"
    )


def list_pictures(folder: Path) -> list[Path]:
    """The picture files of a folder, in the order of their names."""
    return [path for path in in_order(folder) if is_picture(path)]


def hash_files(paths: Sequence[Path]) -> dict[Path, str]:
    """sha256 of the content of each file. Raises `Unreadable`, of a pipe or broken link too."""
    return {path: hash_file(path) for path in paths}


def refuse_test_pictures(hashes: Mapping[Path, str], test: Path) -> None:
    """Raise `BenchError`, with names, if any of these files lies in `test` too."""
    if not test.is_dir():
        return
    tested = set(hash_files(list_pictures(test)).values())
    shared = [path.name for path, content in hashes.items() if content in tested]
    if shared:
        raise BenchError(
            f"{len(shared)} pictures to train on are also in {test}, whose scores would then mean "
            f"nothing: {some(shared)}. Remove them from one of the folders"
        )


def common_size(images: Mapping[Path, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]) -> int:
    """The side of the pictures. Raises `BenchError` unless all are square and of one size."""
    sizes = Counter((image.shape[1], image.shape[0]) for image in images.values())
    (width, height), _ = sizes.most_common(1)[0]
    odd = [path for path, image in images.items() if image.shape[:2] != (height, width)]
    if odd or width != height:
        found = ", ".join(f"{n} of {w}x{h}" for (w, h), n in sizes.most_common(3))
        named = f", such as {some([path.name for path in odd])}" if odd else ""
        folder = next(iter(images)).parent
        raise BenchError(
            f"the pictures to train on must be square and of one size, not {found}{named}: "
            f"`{import_command(folder, 'NAME', 128, folder.name)}` makes such"
        )
    return width


def stack(images: Sequence[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]) -> Tensor:
    """(N, 3, H, W) uint8."""
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
