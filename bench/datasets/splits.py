"""Splits: named, ordered pictures of one category."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.core.errors import BenchError, nearest
from bench.core.rows import RowState
from bench.pictures.files import SUFFIXES, Pixels, read_rgb, size_of


@dataclass(frozen=True)
class Picture:
    """One truth. One that cannot be used keeps its place, with the problem and its state."""

    name: str  # as in rows and folders; unique within its split
    path: Path | None
    sha256: str
    problem: str | None = None
    state: RowState = RowState.OK


@dataclass(frozen=True)
class Split:
    """Pictures of one category, all of `size` (height, width)."""

    name: str
    pictures: tuple[Picture, ...]
    size: tuple[int, int]
    domain: str  # photo or rendered

    @property
    def digest(self) -> str:
        """Hash of the names and contents of all pictures, 12 hexadecimal digits."""
        lines = (f"{picture.name}\0{picture.sha256}\n" for picture in self.pictures)
        return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]

    def first(self, count: int | None) -> Split:
        """The first `count` pictures; all for None."""
        return replace(self, pictures=self.pictures[:count])


def open_folder(
    folder: Path, name: str, size: tuple[int, int], domain: str, listed: Sequence[str] = ()
) -> Split:
    """The split whose pictures lie in `folder`; with a list, exactly the listed names in order.

    Pictures that cannot be read or have the wrong size carry their problem.
    """
    files = [path for path in sorted(folder.iterdir(), key=natural) if is_picture(path)]
    stems = Counter(path.stem for path in files)
    named = {path.stem if stems[path.stem] == 1 else path.name: path for path in files}
    wanted = {entry: named.get(entry) for entry in listed} if listed else named
    pictures = (look_at(entry, path, name, size, folder) for entry, path in wanted.items())
    return Split(name, tuple(pictures), size, domain)


def look_at(
    name: str, path: Path | None, split: str, size: tuple[int, int], folder: Path
) -> Picture:
    """A picture with its hash, or with what is wrong with it."""
    if path is None:
        problem = f"the published list names {name}, which is not in {folder}"
        return Picture(name, None, "", problem, RowState.UNAVAILABLE)
    height, width = size
    sha256 = ""
    try:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        found = size_of(path)
        if found == size:
            return Picture(name, path, sha256)
        problem = (
            f"{path} is {found[1]}x{found[0]} pixels, expected {width}x{height}; "
            f"`python -m bench import {folder} --split {split} --size {height}` makes it so"
        )
    except (BenchError, OSError) as error:
        problem = str(error)
    return Picture(name, path, sha256, problem, RowState.FAILED)


def read_truth(picture: Picture, size: tuple[int, int]) -> Pixels:
    """(H, W, 3) of a usable picture. Raises `BenchError` if it no longer is one."""
    if picture.path is None:
        raise BenchError(picture.problem or f"{picture.name} has no file")
    pixels = read_rgb(picture.path)
    if pixels.shape != (*size, 3):
        height, width = pixels.shape[:2]
        raise BenchError(f"{picture.path} is {width}x{height} pixels, expected {size[1]}x{size[0]}")
    return pixels


def find_folder(data: Path, split: str) -> Path:
    """`data/<split>/test` where it exists, else `data/<split>`.

    Raises `BenchError` if there is no such folder, or no picture in it.
    """
    if not data.is_dir():
        raise BenchError(f"--data {data}: there is no such folder")
    folder = data / split / "test"
    if not folder.is_dir():
        folder = data / split
    advice = f"`python -m bench import PICTURES --split {split} --out {data}` fills one"
    if not folder.is_dir():
        present = sorted(path.name for path in data.iterdir() if path.is_dir())
        near = nearest(split, present)
        guess = f" Did you mean {' or '.join(near)}?" if near else ""
        raise BenchError(
            f"--data {data} has no folder for the split {split!r}.{guess} "
            f"Folders there: {', '.join(present) or 'none'}; {advice}."
        )
    if not any(is_picture(path) for path in folder.iterdir()):
        kinds = ", ".join(sorted(SUFFIXES))
        raise BenchError(f"{folder} holds no pictures ({kinds}); {advice}.")
    return folder


def is_picture(path: Path) -> bool:
    """By its name: visible, a file, and with a picture's ending."""
    return not path.name.startswith(".") and path.suffix.lower() in SUFFIXES and path.is_file()


def natural(path: Path) -> list[tuple[int, str]]:
    """Sort key that puts 9 before 10."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
