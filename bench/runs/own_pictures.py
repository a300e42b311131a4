"""Pictures of one's own, to be restored: found, named, read, and their faces cut out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.core.errors import BenchError, printable
from bench.datasets.importing import FindFaces, face_name, fitted
from bench.datasets.importing import Fit as Way
from bench.datasets.picture_folder import in_order, names_of
from bench.datasets.suites import known_suites
from bench.pictures.files import MOST_PIXELS, Pixels, read_rgb, size_of
from bench.pictures.kinds import FORMATS, Unreadable, is_picture
from bench.results.run_json import run_json, section

DEPTH = 4  # of a picture in a run's folder: images/<split>/<image>/input.png


@dataclass(frozen=True)
class Origin:
    """What is known of a picture, from the run whose input it is."""

    suite: str
    split: str
    image: str = ""


@dataclass(frozen=True)
class OwnPicture:
    """A file, or a face in one: what it is called, and what is to be restored."""

    path: Path
    name: str  # of the file, or of the image of a run whose input it is
    y: Pixels | None = None  # (h, w, 3); None where there is a problem
    problem: str = ""


def find(paths: Iterable[Path]) -> list[Path]:
    """The files, each once, and the pictures in the folders among them, in order.

    Raises `BenchError` for what is not there, and for a folder without pictures.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        files = [each for each in in_order(path) if is_picture(each)] if path.is_dir() else [path]
        if not files:
            raise BenchError(f"{printable(path)} holds no pictures ({', '.join(sorted(FORMATS))})")
        for file in files:
            if not file.exists() and not file.is_symlink():
                raise BenchError(f"{printable(file)}: there is no such file")
            found.setdefault(file.absolute(), file)
    return list(found.values())


def origin_of(path: Path) -> Origin | None:
    """The run that a picture is an input of, if it lies in the folder of one that is known."""
    parts = path.absolute().parents
    if len(parts) < DEPTH or parts[2].name != "images" or not path.name.startswith("input."):
        return None
    try:
        suite = section(run_json(parts[3]), "suite").get("name")
    except BenchError:  # of something else
        return None
    if suite not in known_suites():
        return None
    return Origin(str(suite), parts[1].name, parts[0].name)


def common(what: str, values: Sequence[str]) -> str:
    """What is the same of all pictures. Raises `BenchError` if they differ."""
    told = list(dict.fromkeys(values))
    if len(told) > 1:
        raise BenchError(
            f"the pictures are of {what}s {' and '.join(told)}, as the runs tell that they are "
            f"inputs of: name one with --{what}, or restore them one after the other"
        )
    return told[0]


@dataclass(frozen=True)
class Wanted:
    """What the method takes."""

    title: str  # as messages call it, such as `GLEAN on face at 16x`
    scale: int
    sides: Sequence[int]  # of its square inputs, in pixels; none where it takes any
    side: int  # of faces that are cut out for it
    can_align: bool  # whether it is known how, which is worth a hint

    def refusal(self, height: int, width: int) -> str:
        """Why a picture of that size cannot be restored; empty if it can."""
        told = f"{width}x{height} pixels"
        if self.sides and (height != width or height not in self.sides):
            taken = " and ".join(f"{side}x{side}" for side in self.sides)
            hint = "; --align cuts faces out and reduces them to that" if self.can_align else ""
            return f"{told}: {self.title} takes pictures of {taken} pixels{hint}"
        if height * width * self.scale**2 > MOST_PIXELS:
            return f"{told}, which {self.scale}x makes more than a picture should have"
        return ""


def read(path: Path, name: str, faces: FindFaces | None, wanted: Wanted) -> Iterator[OwnPicture]:
    """What is to be restored of a file: itself, or its faces."""
    own = OwnPicture(path, name)
    try:
        refusal = "" if faces else wanted.refusal(*size_of(path))
        if refusal:
            yield replace(own, problem=refusal)
            return
        pixels = read_rgb(path)
    except Unreadable as error:
        yield replace(own, problem=error.reason)
        return
    if faces is None:
        yield replace(own, y=pixels)
        return
    parts = faces(pixels)
    if not parts:
        yield replace(own, problem="no face is found in it")
    for number, part in enumerate(parts):
        face, side = replace(own, name=face_name(name, number)), len(part)
        if side < wanted.side:
            taken = f"{wanted.title} takes {wanted.side}x{wanted.side}"
            yield replace(face, problem=f"a face of {side}x{side} pixels: {taken}")
        else:
            yield replace(face, y=fitted(part, wanted.side, Way.ALIGN))


def read_all(
    paths: Sequence[Path], faces: FindFaces | None, wanted: Wanted, advance: Callable[[], None]
) -> list[OwnPicture]:
    """All of the files, each picture under the shortest of its names that is no other's.

    `advance` is called after each file.
    """
    pictures: list[OwnPicture] = []
    for path in paths:
        origin = origin_of(path)
        name = f"{origin.image}{path.suffix}" if origin else path.name
        pictures += read(path, name, faces, wanted)
        advance()
    names = names_of([Path(picture.path.parent.name, picture.name) for picture in pictures])
    return [replace(p, name=name) for p, name in zip(pictures, names, strict=True)]
