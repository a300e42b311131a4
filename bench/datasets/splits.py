"""Splits: named, ordered pictures of one category."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.core.errors import BenchError, nearest, printable
from bench.core.rows import RowState
from bench.datasets.picture_folder import counted, in_order, look_into, tidy
from bench.pictures.files import SUFFIXES, Pixels, read_rgb, size_of
from bench.pictures.kinds import LacksPackage, Unreadable, is_picture, refuse_odd_file


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
    aside: tuple[str, ...] = ()  # what else lies in the folder, with why it is not read
    beside: Path | None = None  # whose train/ and views/ hold other pictures of the category
    tested: frozenset[str] = frozenset()  # sha256 of all pictures, also of those cut off

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

    Whatever has a picture's ending is in it: what cannot be read, has the wrong size or is no file
    carries its problem. Raises `BenchError` if the list names a picture twice.
    """
    found = look_into(folder)
    wanted = dict(chosen(found.pictures, listed)) if listed else found.pictures
    pictures = (look_at(entry, path, name, size, folder) for entry, path in wanted.items())
    left_out = len(found.pictures) - sum(path is not None for path in wanted.values())
    what = counted(left_out, "picture")
    unlisted = (f"{what} that the published list does not name",) * (left_out > 0)
    looked_at = tuple(pictures)
    tested = frozenset(picture.sha256 for picture in looked_at)
    return Split(name, looked_at, size, domain, (*found.aside, *unlisted), tested=tested)


def chosen(
    pictures: Mapping[str, Path], listed: Sequence[str]
) -> Iterator[tuple[str, Path | None]]:
    """Each listed name with its picture: by the name that it has here, or by that of its file.

    Raises `BenchError` if two entries mean one picture.
    """
    by_file = {path.name: path for path in pictures.values()}
    taken: dict[object, str] = {}
    for entry in listed:
        path = pictures.get(entry) or by_file.get(entry)
        if (place := path or entry) in taken:
            raise BenchError(
                f"the list of test pictures names one twice, as {taken[place]!r} and {entry!r}: a "
                "picture counts once; take one of the lines out"
            )
        taken[place] = entry
        yield tidy(entry), path


def look_at(
    name: str, path: Path | None, split: str, size: tuple[int, int], folder: Path
) -> Picture:
    """A picture with its hash, or with what is wrong with it."""
    if path is None:
        problem = f"the published list names {name}, which is not in {printable(folder)}"
        return Picture(name, None, "", problem, RowState.UNAVAILABLE)
    height, width = size
    sha256 = ""
    try:
        sha256 = hash_file(path)
        found = size_of(path)
        if found == size:
            return Picture(name, path, sha256)
        problem = (
            f"{printable(path)} is {found[1]}x{found[0]} pixels, expected {width}x{height}; "
            f"`{import_command(folder, split, height)}` makes pictures of that size in a folder "
            "of their own"
        )
    except LacksPackage as error:
        return Picture(name, path, sha256, str(error), RowState.UNAVAILABLE)
    except BenchError as error:
        problem = str(error)
    return Picture(name, path, sha256, problem, RowState.FAILED)


def hash_file(path: Path) -> str:
    """sha256 of a file's content. Raises `Unreadable`, of a pipe or a broken link too."""
    refuse_odd_file(path)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Unreadable(path, f"cannot be read: {error.strerror}") from None


def import_command(folder: Path, split: str, side: int, part: str = "test") -> str:
    """What makes pictures of a size out of those in `folder`, without mixing the two."""
    source, name = (printable(shlex.quote(text)) for text in (str(folder), split))
    options = " --part train" * (part != "test")
    return (
        f"python -m bench import {source} --split {name} --size {side} --out data-{side}{options}"
    )


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
    require_folder(data)
    folder = data / split / "test"
    if not folder.is_dir():
        folder = data / split
    advice = f"`python -m bench import PICTURES --split {split} --out {data}` fills one"
    if not folder.is_dir():
        present = [printable(path.name) for path in in_order(data) if path.is_dir()]
        near = nearest(split, present)
        guess = f" Did you mean {' or '.join(near)}?" if near else ""
        raise BenchError(
            f"--data {data} has no folder for the split {split!r}.{guess} "
            f"Folders there: {', '.join(present) or 'none'}; {advice}."
        )
    if not any(is_picture(path) for path in in_order(folder)):
        kinds = ", ".join(sorted(SUFFIXES))
        raise BenchError(f"{printable(folder)} holds no pictures ({kinds}); {advice}.")
    return folder


def require_folder(data: Path) -> None:
    """Raise `BenchError` unless `--data` is a folder."""
    if data.exists() and not data.is_dir():
        raise BenchError(
            f"--data {printable(data)} is a file: pass the folder that holds DIR/<split>/"
        )
    if not data.is_dir():
        raise BenchError(f"--data {printable(data)}: there is no such folder")
