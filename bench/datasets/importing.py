"""A folder of anybody's pictures into a split: square, of one size, 8-bit, lossless."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath

import numpy as np
import torch

from bench.core.errors import BenchError, printable
from bench.datasets.manifest import Line, read_manifest
from bench.datasets.picture_folder import in_order, tidy
from bench.datasets.splits import hash_file
from bench.operators import quantise, resize
from bench.pictures.files import Pixels, read_rgb, size_of, write_png
from bench.pictures.kinds import FORMATS, LacksPackage, Unreadable, is_picture, odd

FindFaces = Callable[[Pixels], Sequence[Pixels]]  # squares of a picture, the largest first


class Fit(StrEnum):
    """How a picture becomes square."""

    CROP = "crop"  # its centre
    STRETCH = "stretch"  # all of it, as GLEAN's protocol does with everything but faces
    ALIGN = "align"  # each of its faces, turned upright and cut out


class Outcome(StrEnum):
    """What became of a file."""

    IMPORTED = "imported"
    THERE_ALREADY = "there already"
    DUPLICATE = "duplicate"
    TOO_SMALL = "too small"
    NO_FACE = "no face"
    UNREADABLE = "unreadable"
    LACKS_PACKAGE = "not readable here"
    NO_PICTURE = "no picture"  # by its name; hidden files too, and folders that are not followed


@dataclass(frozen=True)
class Found:
    """Something below the folder imported from; `reason` says why it is passed by."""

    path: Path
    name: str  # within that folder
    reason: str = ""
    outcome: Outcome = Outcome.NO_PICTURE  # where there is a reason


@dataclass(frozen=True)
class Entry:
    """One line of the manifest."""

    source: str
    output: str
    sha256: str  # of the source file
    width: int
    height: int
    outcome: Outcome
    note: str = ""
    name: str = ""  # of the source, within the folder imported from
    fit: str = ""

    def line(self) -> Line:
        """As the manifest has it."""
        return {name: printable(value) for name, value in asdict(self).items()}


def find_pictures(source: Path, out: Path | None = None) -> list[Found]:
    """Everything at or below `source`, in order; links to folders are not followed.

    out: the folder to import into, which is passed by where it lies below `source`. Raises
    `BenchError` if nothing is a picture by its name.
    """
    found = sorted(walk(source, out), key=lambda each: each.path)
    if all(each.reason for each in found):
        kinds = ", ".join(sorted(FORMATS))
        raise BenchError(f"{printable(source)} holds no pictures ({kinds})")
    return found


def walk(source: Path, out: Path | None) -> Iterator[Found]:
    """Each thing below `source`, once."""
    broken: list[OSError] = []
    for folder, folders, names in os.walk(source, onerror=broken.append):
        below = Path(folder)
        for name in list(folders):
            path = below / name
            if path.is_symlink():
                yield found_at(path, source, "a link to a folder, which is not followed")
            elif out is not None and out.exists() and path.samefile(out):
                folders.remove(name)
                yield found_at(path, source, "the folder to import into")
        for name in names:
            path = below / name
            if name.startswith("."):
                yield found_at(path, source, "a hidden file")
            elif is_picture(path):
                yield found_at(path, source)
            else:
                yield found_at(path, source, "by its name no picture")
    for error in broken:
        yield replace(
            found_at(Path(error.filename), source, odd(Path(error.filename), error)),
            outcome=Outcome.UNREADABLE,
        )


def found_at(path: Path, source: Path, reason: str = "") -> Found:
    """With its name below `source`."""
    return Found(path, path.relative_to(source).as_posix(), reason)


def check_folder(folder: Path, source: Path, size: int, fit: Fit) -> None:
    """Raise `BenchError` if importing would mix two kinds of pictures in one folder."""
    if not folder.is_dir():
        return
    shown = printable(folder)
    if folder.samefile(source):
        raise BenchError(f"{shown} would be imported into itself: choose another --out")
    other = "choose another --out or --part, or delete it to import anew"
    sizes: Counter[tuple[int, int]] = Counter()
    for path in filter(is_picture, in_order(folder)):
        try:
            sizes[size_of(path)] += 1
        except Unreadable:
            continue  # a run names it
    wrong = [found for found in sizes if found != (size, size)]
    if wrong:
        height, width = wrong[0]
        raise BenchError(
            f"--size {size}: {shown} holds {sizes[wrong[0]]} pictures of {width}x{height} pixels, "
            f"and a folder is of one size: {other}"
        )
    fits = {line["fit"] for line in read_manifest(folder)[0] if line["output"] and line["fit"]}
    if sizes and fits - {fit.value}:
        raise BenchError(
            f"{option(fit)}: {shown} holds pictures imported with {option(fits.pop())}, and a "
            f"folder is of one kind: {other}"
        )


def option(fit: str) -> str:
    """What asks for it."""
    return "--align" if fit == Fit.ALIGN else f"--fit {fit}"


def import_all(
    files: Sequence[Found], folder: Path, size: int, fit: Fit, faces: FindFaces | None = None
) -> Iterator[Entry]:
    """Import each file into `folder`, one entry at a time; of `faces`, one for each face.

    A picture's file is named by the hash of its pixels, so that the same pictures always give the
    same split, a second run finds what the first has made, and equal pictures are found out. What
    it was called stands in the manifest, from which runs take it.
    """
    seen: dict[str, str] = {}
    for file in files:
        for number, entry in enumerate(import_file(file, folder, size, fit, faces, seen)):
            *above, last = map(tidy, file.name.split("/"))
            name = "/".join((*above, face_name(last, number)))
            yield replace(entry, name=name, fit=fit.value if entry.output else "")


def face_name(name: str, number: int) -> str:
    """What the picture of a further face of a file is called; of its first, or of the whole
    picture, as the file."""
    path = PurePosixPath(name)
    return f"{path.stem}-face{number + 1}{path.suffix}" if number else name


def import_file(
    file: Found, folder: Path, size: int, fit: Fit, faces: FindFaces | None, seen: dict[str, str]
) -> Iterator[Entry]:
    """One file. Only a disk that cannot be written raises."""
    source = str(file.path)
    if file.reason:
        yield Entry(source, "", "", 0, 0, file.outcome, file.reason)
        return
    try:
        sha256 = hash_file(file.path)
        pixels = read_rgb(file.path)
    except Unreadable as error:
        lacks = isinstance(error, LacksPackage)
        outcome = Outcome.LACKS_PACKAGE if lacks else Outcome.UNREADABLE
        yield Entry(source, "", "", 0, 0, outcome, error.reason)
        return
    height, width = pixels.shape[:2]
    entry = Entry(source, "", sha256, width, height, Outcome.NO_FACE, "none is found in it")
    parts = [pixels] if faces is None else faces(pixels)
    if not parts:
        yield entry
    for part in parts:
        yield import_part(entry, part, folder, size, fit, seen)


def import_part(
    entry: Entry, part: Pixels, folder: Path, size: int, fit: Fit, seen: dict[str, str]
) -> Entry:
    """A picture, or a face in it; `entry` says of which file."""
    height, width = part.shape[:2]
    if min(height, width) < size:
        what = "a face of " * (fit is Fit.ALIGN)
        note = (
            f"{what}{width}x{height} pixels; enlarging to {size} would invent what is to be "
            "restored"
        )
        return replace(entry, outcome=Outcome.TOO_SMALL, note=note)
    made = fitted(part, size, fit)
    name = f"{hashlib.sha256(made.tobytes()).hexdigest()[:16]}.png"
    if name in seen:
        note = f"equal to {printable(seen[name])}"
        return replace(entry, output=name, outcome=Outcome.DUPLICATE, note=note)
    seen[name] = entry.source
    if (folder / name).exists():
        return replace(entry, output=name, outcome=Outcome.THERE_ALREADY, note="")
    write_png(folder / name, made)
    return replace(entry, output=name, outcome=Outcome.IMPORTED, note="")


def fitted(pixels: Pixels, size: int, fit: Fit) -> Pixels:
    """(size, size, 3): the centre or all of the picture, resized with MATLAB's bicubic."""
    height, width = pixels.shape[:2]
    if fit is not Fit.STRETCH:
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        pixels = pixels[top : top + side, left : left + side]
    if pixels.shape[:2] == (size, size):
        return np.ascontiguousarray(pixels)
    planes = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1).float() / 255
    small = quantise(resize(planes, (size, size)))
    return (small * 255).round().byte().permute(1, 2, 0).contiguous().numpy()
