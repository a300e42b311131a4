"""`images/`: truth, input and every restored picture side by side, by split and image.

The pictures themselves lie in the store, under their hashes; these are links to them, or copies
where the file system has no links.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from bench.core.files import link, write_atomically
from bench.datasets.splits import Picture, hash_file, read_truth
from bench.pictures.files import read_rgb, write_png
from bench.pictures.tensors import to_pixels, to_tensor
from bench.planning.cell import Cell
from bench.planning.plan import Plan
from bench.results.images_folder import (
    FACTORS,
    INPUT,
    TRUTH,
    file_name,
    is_one_name,
    reference_of,
    suffix_of,
)
from bench.results.selection import select
from bench.results.store import Store
from methods.references import named_in


def lay_out(plan: Plan, store: Store, out: Path) -> None:
    """Put every picture of the plan that exists where the contract wants it."""
    main_scale = plan.cells[0].cell.scale if plan.cells else 0
    for planned in plan.cells:
        cell = planned.cell
        suffix = suffix_of(cell.scale, main_scale)
        name = file_name(cell.method.label, suffix, cell.seed)
        taken = references_taken(cell, store) if cell.references else {}
        for picture in cell.split.pictures:
            restored = store.picture(cell.key, picture.sha256)
            if picture.problem is None and planned.absent is None and restored.exists():
                folder = out / "images" / cell.split.name / picture.name
                link_truth(truth_file(cell, picture, store), folder)
                if known := factors_file(picture, store):
                    link(known, folder / FACTORS)
                link(input_file(cell, picture, store), folder / file_name(INPUT, suffix))
                link(restored, folder / name)
                if reference := taken.get(picture.sha256):
                    beside = file_name(reference_of(cell.method.label), suffix, cell.seed)
                    link(as_png(reference, store), folder / beside)


def references_taken(cell: Cell, store: Store) -> dict[str, Path]:
    """What each picture took detail from, as its row names it, by the hash of the picture."""
    assert cell.references is not None
    found = {
        sha256: named_in(record.row.reason, cell.references)
        for sha256, record in store.records(cell.key).items()
    }
    return {sha256: path for sha256, path in found.items() if path and path.is_file()}


def as_png(reference: Path, store: Store) -> Path:
    """A copy of it in the store."""
    path = store.root / "reference" / f"{hash_file(reference)[:24]}.png"
    if not path.exists():
        write_png(path, read_rgb(reference))
    return path


def link_truth(truth: Path, folder: Path) -> None:
    """Put the truth in its folder; what lies there of another picture of that name goes first.

    Those are links to what the store keeps, or copies of it.
    """
    there = folder / TRUTH
    if there.exists() and not (there.samefile(truth) or is_same(truth, there)):
        for stale in folder.iterdir():
            stale.unlink(missing_ok=True)
    link(truth, there)


def lay_out_earlier(plan: Plan, store: Store, out: Path) -> None:
    """Put the pictures of earlier commands' methods beside those of the plan that they share
    a table with."""
    here = {planned.cell.coordinate.table: planned.cell for planned in plan.cells}
    main_scale = plan.cells[0].cell.scale if plan.cells else 0
    for chosen in select(store.plans()):
        cell = here.get(chosen.cell.table)
        if chosen.is_own or cell is None or not is_one_name(chosen.cell.method):
            continue
        suffix = suffix_of(cell.scale, main_scale)
        name = file_name(chosen.cell.method, suffix, chosen.cell.seed)
        for picture in chosen.pictures:
            restored = store.picture(chosen.key, picture.sha256)
            folder = out / "images" / cell.split.name / picture.name
            if (folder / TRUTH).exists() and restored.exists():
                link(restored, folder / name)


def truth_file(cell: Cell, picture: Picture, store: Store) -> Path:
    """The picture itself, as the 8-bit PNG that metrics compare with."""
    path = store.root / "truth" / f"{picture.sha256[:24]}.png"
    if not path.exists():
        write_png(path, read_truth(picture, cell.split.size))
    return path


def factors_file(picture: Picture, store: Store) -> Path | None:
    """What is known of the picture, so that it can be scored by that later; None of nothing."""
    source = picture.path.with_suffix(".json") if picture.path else None
    path = store.root / "truth" / f"{picture.sha256[:24]}.json"
    if source and source.is_file() and not is_same(source, path):
        write_atomically(path, lambda temporary: shutil.copyfile(source, temporary))
    return path if path.exists() else None


def is_same(source: Path, kept: Path) -> bool:
    """Whether the kept copy is one of what the source holds now."""
    return kept.exists() and kept.read_bytes() == source.read_bytes()


def input_file(cell: Cell, picture: Picture, store: Store) -> Path:
    """What every method received."""
    path = store.root / "input" / cell.operator.digest / f"{picture.sha256[:24]}.png"
    if not path.exists():
        truth = to_tensor(read_truth(picture, cell.split.size))
        write_png(path, to_pixels(cell.operator.observe(truth)))
    return path
