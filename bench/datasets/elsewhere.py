"""Pictures that were restored elsewhere: each found for the truth that it belongs to.

They lie in `FOLDER/<split>/`, or in FOLDER itself, called like the truth: by the name that rows
have, or by that of the truth's file. So that of an imported picture may be called like its source,
or like the file that another program was given.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.core.errors import BenchError, printable, some
from bench.core.grouping import grouped
from bench.datasets.picture_folder import counted, folded, in_order, tidy
from bench.datasets.splits import Picture, Split, hash_file
from bench.pictures.files import Pixels, read_rgb, size_of
from bench.pictures.kinds import is_picture, lossy_format

SHOWN = 3  # names that a reason gives as examples


@dataclass(frozen=True)
class Output:
    """What lies in place of a restoration. One that cannot be used says why; a missing one has no
    path."""

    path: Path | None
    problem: str = ""
    lossy: str = ""  # the format of one that is not as it was restored


@dataclass(frozen=True)
class Outputs:
    """What a folder holds for the pictures of a split."""

    folder: Path
    of: Mapping[str, Output]  # by the name of each picture of the split
    extra: tuple[str, ...]  # names of files that belong to none of them
    digest: str  # of all pictures that lie there, names and contents

    @property
    def nothing(self) -> str:
        """Why there is nothing for any picture of the split; empty if there is something."""
        if len(self.missing) < len(self.of):
            return ""
        where = printable(self.folder)
        held = f"only {some(self.extra)}" if self.extra else "no picture"
        wanted = ", ".join(f"{name}.png" for name in [*self.of][:SHOWN])
        return f"{where} holds {held}; expected pictures called like those of the split: {wanted}"

    @property
    def missing(self) -> list[str]:
        """The pictures that have none."""
        return [name for name, output in self.of.items() if output.path is None]

    def notes(self, *, is_whole: bool) -> Iterator[str]:
        """What is to be known before they are scored, in sentences.

        is_whole: no picture of the split was left out, so that what is extra belongs to none.
        """
        where, all_ = printable(self.folder), counted(len(self.of), "picture")
        outputs = self.of.values()
        if missing := self.missing:
            yield f"{len(missing)} of {all_} have none in {where} and fail: {some(missing)}"
        if self.extra and is_whole:
            extra = f"{counted(len(self.extra), 'picture')} in {where}"
            yield f"{extra} belong to none of the split: {some(self.extra)}"
        if unfit := [output.problem for output in outputs if output.path and output.problem]:
            yield f"{len(unfit)} of {all_} fail, first of all: {unfit[0]}"
        for lossy, names in grouped((o.lossy, name) for name, o in self.of.items()).items():
            if lossy:
                yield f"{len(names)} of {all_} are {lossy}, and what that lost is scored with them"


def open_outputs(folder: Path, split: Split) -> Outputs:
    """What `folder/<split>`, or else `folder`, holds for the split's pictures.

    Raises `BenchError` if it cannot be listed.
    """
    own = folder / split.name
    place = own if own.is_dir() else folder
    files = [path for path in in_order(place) if is_picture(path)]
    by_name: dict[str, list[Path]] = {}
    for path in files:
        for name in {folded(tidy(path.stem)), folded(tidy(path.name))}:
            by_name.setdefault(name, []).append(path)
    chosen = {
        picture.name: next((by_name[name] for name in names if name in by_name), [])
        for picture, names in zip(split.pictures, names_of(split.pictures), strict=True)
    }
    taken = {path for paths in chosen.values() for path in paths}
    return Outputs(
        place,
        {name: look_at(name, paths, place, split.size) for name, paths in chosen.items()},
        tuple(printable(path.name) for path in files if path not in taken),
        digest_of(files),
    )


def names_of(pictures: Sequence[Picture]) -> list[list[str]]:
    """What the restoration of each picture may be called, the likeliest first: its own name, or
    one of its file's that is no other picture's."""
    of_files = [
        {folded(tidy(name)) for name in (p.path.name, p.path.stem)} if p.path else set()
        for p in pictures
    ]
    own = {folded(picture.name) for picture in pictures}
    owners = Counter(name for names in of_files for name in names)
    return [
        [folded(p.name), *sorted(n for n in names if owners[n] == 1 and n not in own)]
        for p, names in zip(pictures, of_files, strict=True)
    ]


def look_at(name: str, paths: Sequence[Path], folder: Path, size: tuple[int, int]) -> Output:
    """What is to be had of the files that a picture's restoration may be."""
    if not paths:
        return Output(None, f"there is no picture called {name} in {printable(folder)}")
    if len(paths) > 1:
        several = " and ".join(printable(path.name) for path in paths)
        return Output(paths[0], f"{several} in {printable(folder)} are both called {name}")
    (path,) = paths
    try:
        found = size_of(path)
        lossy = lossy_format(path)
    except (BenchError, OSError) as error:
        return Output(path, str(error))
    return Output(path, "" if found == size else wrong_size(path, found, size), lossy)


def wrong_size(path: Path, found: tuple[int, int], size: tuple[int, int]) -> str:
    """That a picture (height, width) is not of the size of its truth."""
    return (
        f"{printable(path)} is {found[1]}x{found[0]} pixels, expected {size[1]}x{size[0]} as the "
        "truth is"
    )


def digest_of(files: Sequence[Path]) -> str:
    """The hash of the files' names and contents; of one that cannot be read, of the reason."""
    whole = hashlib.sha256()
    for path in files:
        try:
            content = hash_file(path)
        except BenchError as error:
            content = str(error)
        whole.update(f"{path.name}\0{content}\n".encode(errors="surrogateescape"))
    return whole.hexdigest()


def read_output(output: Output, size: tuple[int, int]) -> Pixels:
    """(H, W, 3) of a picture that can be used. Raises `BenchError` of any other."""
    if output.problem or output.path is None:
        raise BenchError(output.problem)
    pixels = read_rgb(output.path)
    if pixels.shape[:2] != size:
        raise BenchError(wrong_size(output.path, (pixels.shape[0], pixels.shape[1]), size))
    return pixels
