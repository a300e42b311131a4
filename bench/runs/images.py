"""`images/`: truth, input and every restored picture side by side, by split and image.

The pictures themselves lie in the store, under their hashes; these are links to them, or copies
where the file system has no links.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from bench.core.files import link, write_all, write_atomically
from bench.datasets.splits import Picture, hash_file, read_truth
from bench.pictures.files import Pixels, read_rgb, save_png, write_png
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
    there = list(restored_here(plan, store))
    write_all(missing_files(there, store))
    for cell, picture in there:
        suffix = suffix_of(cell.scale, main_scale)
        folder = out / "images" / cell.split.name / picture.name
        link_truth(truth_path(picture, store), folder)
        if known := factors_file(picture, store):
            link(known, folder / FACTORS)
        link(input_path(cell, picture, store), folder / file_name(INPUT, suffix))
        name = file_name(cell.method.label, suffix, cell.seed)
        link(store.picture(cell.key, picture.sha256), folder / name)
    for cell in {cell.key: cell for cell, _ in there if cell.references}.values():
        lay_out_references(cell, suffix_of(cell.scale, main_scale), store, out)


def restored_here(plan: Plan, store: Store) -> Iterator[tuple[Cell, Picture]]:
    """Every picture of the plan that a method has restored."""
    for cell in (planned.cell for planned in plan.cells if planned.absent is None):
        for picture in cell.split.pictures:
            if picture.problem is None and store.picture(cell.key, picture.sha256).exists():
                yield cell, picture


def missing_files(
    there: Iterable[tuple[Cell, Picture]], store: Store
) -> Iterator[tuple[Path, Callable[[Path], object]]]:
    """The truths and inputs of these pictures that the store lacks, each with what writes it."""
    begun: set[Path] = set()
    for cell, picture in there:
        makers = {truth_path(picture, store): truth_of, input_path(cell, picture, store): input_of}
        for path, make in makers.items():
            if path not in begun and not path.exists():
                begun.add(path)
                yield path, partial(write_made, make, cell, picture)


def write_made(
    make: Callable[[Cell, Picture], Pixels], cell: Cell, picture: Picture, path: Path
) -> None:
    """Write what `make` makes of the picture."""
    save_png(make(cell, picture), path)


def lay_out_references(cell: Cell, suffix: str, store: Store, out: Path) -> None:
    """Put what each picture took detail from, as its row names it, beside what came of it."""
    assert cell.references is not None
    records = store.records(cell.key)
    name = file_name(reference_of(cell.method.label), suffix, cell.seed)
    for picture in cell.split.pictures:
        folder = out / "images" / cell.split.name / picture.name
        if (record := records.get(picture.sha256)) is None or not folder.is_dir():
            continue
        reference = named_in(record.row.reason, cell.references)
        if reference is not None and reference.is_file():
            link(as_png(reference, store), folder / name)


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


def truth_path(picture: Picture, store: Store) -> Path:
    """Where the picture itself lies, as the 8-bit PNG that metrics compare with."""
    return store.root / "truth" / f"{picture.sha256[:24]}.png"


def truth_of(cell: Cell, picture: Picture) -> Pixels:
    """The picture itself, uint8 (H, W, 3)."""
    return read_truth(picture, cell.split.size)


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


def input_path(cell: Cell, picture: Picture, store: Store) -> Path:
    """Where what every method received lies."""
    return store.root / "input" / cell.operator.digest / f"{picture.sha256[:24]}.png"


def input_of(cell: Cell, picture: Picture) -> Pixels:
    """What every method received, uint8 (h, w, 3)."""
    return to_pixels(cell.operator.observe(to_tensor(truth_of(cell, picture))))
