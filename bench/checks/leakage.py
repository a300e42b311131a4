"""Whether pictures of a test were trained on: by their files' hashes, and by how they look.

Against the lists that the cards of weights name; of weights without a list nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from bench.core.errors import BenchError, some
from bench.datasets.splits import Picture, Split, read_truth
from bench.pictures.files import read_rgb
from bench.pictures.fingerprints import BITS, Bits, fingerprint, views
from bench.weights.search import Found, sha256_of
from bench.weights.shelves import search_path
from bench.weights.training_pictures import HASH_BYTES, PictureList, list_digest, read_list
from methods.base import References


@dataclass(frozen=True)
class Leak:
    """Names of the test pictures that were trained on, as they are or nearly so."""

    same_file: tuple[str, ...]
    looks_the_same: tuple[str, ...]


def lists_of(files: Mapping[str, Found]) -> tuple[list[Path], list[str]]:
    """The lists that the cards of these files name, and the names of those that are not there."""
    places, missing = [], []
    for found in files.values():
        for name in found.card.pictures if found.card else ():
            folders = (found.path.parent, *search_path())
            place = next((f / name for f in folders if (f / name).is_file()), None)
            if place is None:
                missing.append(name)
            elif place not in places:
                places.append(place)
    return places, missing


def leak(split: Split, lists: Sequence[PictureList]) -> Leak:
    """The pictures of the split that are in one of the lists."""
    usable = [picture for picture in split.pictures if picture.problem is None]
    same = [p for p in usable if any(known.holds_file(p.sha256) for known in lists)]
    others = [picture for picture in usable if picture not in same]
    # Rendered pictures are posed and framed alike: of 32 test faces, two came as near to one of
    # 2,400 pictures of other people as a copy does. What tells them apart is their seed.
    if not others or not lists or split.domain == "rendered":
        return Leak(tuple(p.name for p in same), ())
    seen = np.stack([views_of(picture, split.size) for picture in others])
    is_near = np.any([known.holds_looks(seen) for known in lists], axis=0)
    near = [picture.name for picture, yes in zip(others, is_near, strict=True) if yes]
    return Leak(tuple(p.name for p in same), tuple(near))


@cache
def views_of(picture: Picture, size: tuple[int, int]) -> Bits:
    """The views of a test picture, made once for all weights."""
    return views(read_truth(picture, size))


def read(path: Path) -> PictureList:
    """The list in a file, read once as long as it holds the same."""
    return read_once(path, list_digest(path))


@cache
def read_once(path: Path, digest: str) -> PictureList:  # noqa: ARG001 - the key of the cache
    """The list of a file whose content has this hash."""
    return read_list(path)


def list_of(references: References, split: Split) -> PictureList:
    """The pictures that a method takes detail from, as a list. Raises `BenchError`."""
    looks = split.domain != "rendered"  # no other list is asked how those look
    prints = [fingerprint(read_rgb(path)) for path in references.files] if looks else []
    hashes = frozenset(bytes.fromhex(sha256_of(p))[:HASH_BYTES] for p in references.files)
    return PictureList(hashes, np.reshape(np.array(prints, np.bool_), (-1, BITS)))


WEIGHTS, REFERENCES = "its weights were trained on", "it takes detail from"


def sentence(title: str, of: int, found: Leak, what: str = WEIGHTS) -> str:
    """The warning, with names to look at; empty if nothing leaked. what: `WEIGHTS` or
    `REFERENCES`."""
    parts = []
    if found.same_file:
        parts.append(f"{len(found.same_file)} are the same files ({some(found.same_file)})")
    if found.looks_the_same:
        parts.append(f"{len(found.looks_the_same)} look the same ({some(found.looks_the_same)})")
    if not parts:
        return ""
    leaked = len(found.same_file) + len(found.looks_the_same)
    return (
        f"{title}: {leaked} of {of} test pictures are among those that {what}: "
        f"{' and '.join(parts)}; its scores there do not show what it can do on new pictures"
    )


def open_lists(places: Sequence[Path]) -> tuple[list[PictureList], list[str]]:
    """The lists that can be read, and what is wrong with the others."""
    lists, problems = [], []
    for place in places:
        try:
            lists.append(read(place))
        except BenchError as error:
            problems.append(str(error))
    return lists, problems
