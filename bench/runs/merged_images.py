"""`images/` of several runs in one folder, as the tables of their merged rows want them."""

from __future__ import annotations

from pathlib import Path

from bench.core.errors import BenchError
from bench.core.files import link
from bench.core.rows import RowState
from bench.pictures.files import read_rgb
from bench.results.images_folder import (
    FACTORS,
    INPUT,
    TRUTH,
    file_name,
    is_one_name,
    pictures_of,
    reference_of,
    suffix_of,
)
from bench.results.merge import Merged


def gather_pictures(merged: Merged, out: Path) -> None:
    """Link, or copy, the pictures of every row into `out`/images; rows without stay without.

    Of two degradations at one scale only the first has its pictures there: both would bear the
    same names. Raises `BenchError` if runs have different truths under one name.
    """
    rows = merged.results.rows
    main_scale = rows[0].scale if rows else 0
    operators: dict[tuple[str, str, int], str] = {}  # split, image and scale to the first one
    for row, source in zip(rows, merged.sources, strict=True):
        if row.state is not RowState.OK or not is_one_name(row.method):
            continue
        try:
            found = pictures_of(source.run / "images", source.own or source.row)
        except BenchError:
            continue
        place = (row.split, row.image, row.scale)
        if operators.setdefault(place, row.operator) != row.operator:
            continue
        suffix = suffix_of(row.scale, main_scale)
        folder = out / "images" / row.split / row.image
        link_same(found.truth, folder / TRUTH, source.run)
        if (known := found.truth.with_name(FACTORS)).is_file():
            link(known, folder / FACTORS)
        link(found.input, folder / file_name(INPUT, suffix))
        link(found.restored, folder / file_name(row.method, suffix, row.seed))
        if found.reference.is_file():
            link(found.reference, folder / file_name(reference_of(row.method), suffix, row.seed))


def link_same(truth: Path, target: Path, run: Path) -> None:
    """Link the truth, which every run must have alike."""
    if target.exists() and not target.samefile(truth):
        there, here = read_rgb(target), read_rgb(truth)
        if there.shape != here.shape or (there != here).any():
            raise BenchError(
                f"{truth.parent.name!r} is another picture in {run} than in {target}: merge runs "
                "over the same pictures, into a folder without others'"
            )
        return
    link(truth, target)
