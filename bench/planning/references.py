"""The pictures from which a method may take detail: never the test's, and known by their hash."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from bench.core.errors import BenchError, printable, some
from bench.core.rows import RowState
from bench.datasets.factors import IDENTITY, Known, known_of
from bench.datasets.picture_folder import counted, look_into
from bench.datasets.splits import Picture, Split, look_at, read_truth
from bench.operators import Downsample
from bench.pictures.tensors import pixels_digest, to_tensor
from bench.planning.files import Absent
from methods.base import References

POOL, VIEWS = "train", "views"  # folders beside the test's
MOST = 1000  # pictures of a pool: all are read when a method is loaded


def find_references(
    takes: Literal["pool", "views"] | None, split: Split, operator: Downsample
) -> tuple[References | None, Absent | None]:
    """What a method `takes` of the pictures beside a split, or why there is none of it.

    Copies of test pictures are left out. Of a pool only the first `MOST` are looked at.
    """
    if takes is None:
        return None, None
    folder = split.beside / (POOL if takes == "pool" else VIEWS) if split.beside else None
    if folder is None or not folder.is_dir():
        return None, no_folder(takes, split, folder)
    contents = look_into(folder).pictures
    everything = [
        look_at(name, path, split.name, split.size, folder)
        for name, path in list(contents.items())[:MOST]
    ]
    tests = [picture for picture in everything if picture.sha256 in split.tested]
    usable = [picture for picture in everything if not picture.problem and picture not in tests]
    if not usable:
        height, width = split.size
        wanted = f"{printable(folder)} holds none of {width}x{height} pixels that is not the test's"
        return None, Absent(RowState.UNAVAILABLE, f"takes detail from other pictures, and {wanted}")
    digest = Split(split.name, tuple(usable), split.size, split.domain).digest
    note = told(folder, usable, tests, everything, len(contents))
    files = tuple(picture.path for picture in usable if picture.path)
    if takes == "pool":
        return References(digest, pool=files, note=note), None
    # Who is on the pictures decides which is taken.
    shown = json.dumps([digest, *(identity_of(file, split.name) for file in files)])
    digest = hashlib.sha256(shown.encode()).hexdigest()[:12]
    return References(digest, views=views(split, operator, files), note=note), None


def no_folder(takes: str, split: Split, folder: Path | None) -> Absent:
    """That there is nothing to take detail from, and what helps."""
    if takes == "views":
        reason = f"no other views of what test pictures of {split.name} show are known"
        where = f" (they would be in {printable(folder)})" if folder else ""
        return Absent(RowState.NOT_APPLICABLE, reason + where)
    where = printable(folder) if folder else f"DIR/{split.name}/{POOL} of --data DIR"
    out = shlex.quote(str(folder.parents[1])) if folder else "DIR"
    command = f"`python -m bench import PICTURES --split {split.name} --out {out} --part {POOL}`"
    return Absent(
        RowState.UNAVAILABLE,
        f"takes detail from other pictures of the category, and {where} is not there; {command} "
        "fills it",
    )


def told(
    folder: Path,
    usable: list[Picture],
    tests: list[Picture],
    everything: list[Picture],
    found: int,
) -> str:
    """Which pictures of the folder are no references, and why; "" where all are."""
    parts = [f"takes detail from {counted(len(usable), 'picture')} of {printable(folder)}"]
    if tests:
        names = some([picture.name for picture in tests])
        parts.append(f"{len(tests)} left out as copies of test pictures ({names})")
    if unfit := [p for p in everything if p.problem and p not in tests]:
        parts.append(f"{len(unfit)} left out, the first since {unfit[0].problem}")
    if found > len(everything):
        parts.append(f"the {found - len(everything)} after the first {MOST} not looked at")
    return ", ".join(parts) if len(parts) > 1 else ""


def views(split: Split, operator: Downsample, files: Iterable[Path]) -> Mapping[str, Path]:
    """By `pixels_digest` of its y, for each test picture the first file of the same identity."""
    by_identity: dict[object, Path] = {}
    for file in files:
        if identity := identity_of(file, split.name):
            by_identity.setdefault(identity, file)
    found: dict[str, Path] = {}
    for picture in split.pictures:
        view = by_identity.get(identity_of(picture.path, split.name))
        if view is None or picture.problem:
            continue
        try:
            truth = to_tensor(read_truth(picture, split.size))
        except BenchError:  # the picture's own row will say so
            continue
        found[pixels_digest(operator.observe(truth))] = view
    return found


def identity_of(file: Path | None, split: str) -> object:
    """Who or what a rendered picture shows; None where that is not known."""
    known = known_of(file, split)
    return known.values.get(IDENTITY) if isinstance(known, Known) else None
