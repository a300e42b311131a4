"""Which pictures of a table lie in `images/`, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.analysis.analysis import Analysis, TableAnalysis
from bench.core.rows import RowState, TableKey
from bench.results.images_folder import (
    INPUT,
    TRUTH,
    file_name,
    is_one_name,
    reference_of,
    suffix_in,
)

MOST_IMAGES = 6  # of a picture grid


@dataclass(frozen=True)
class Example:
    """One image: what the methods received, what they made of it, and what it was."""

    name: str
    input: Path
    truth: Path
    restored: dict[tuple[str, int], Path]  # by method and seed; only those that are there
    references: dict[str, Path]  # what methods took detail from, with their first seed

    def of_first_seed(self) -> dict[str, Path]:
        """The pictures that every method has, by method."""
        return {method: path for (method, seed), path in self.restored.items() if seed == 0}


def examples_of(analysis: Analysis, images: Path | None) -> dict[TableKey, list[Example]]:
    """The images of every table that have a truth, an input and a restored picture.

    images: the folder <split>/<image>/{truth,input,<method>}.png, which may be absent.
    """
    return {table.key: list(all_examples(images, table)) for table in analysis.tables}


def first_of(found: Sequence[Example]) -> list[Example]:
    """The first images with a picture that every method has, as many as a grid shows."""
    return [example for example in found if example.of_first_seed()][:MOST_IMAGES]


def all_examples(images: Path | None, table: TableAnalysis) -> Iterator[Example]:
    """Every image of the table that has a truth, an input and a restored picture."""
    split = table.key.split
    if images is None or not is_one_name(split):
        return
    order = worst_first(table)
    names: dict[str, set[tuple[str, int]]] = {}
    for row in table.rows:
        if row.state is RowState.OK:
            names.setdefault(row.image, set()).add((row.method, row.seed))
    for name, done in names.items():
        if is_one_name(name):
            wanted = sorted(done, key=lambda pair: (order.index(pair[0]), pair[1]))
            if example := look(images / split / name, table.key, wanted):
                yield example


def worst_first(table: TableAnalysis) -> list[str]:
    """The methods of a table so that the best stands beside the truth, as papers have it."""
    return [line.method for line in reversed(table.whole.best_first)]


def look(folder: Path, table: TableKey, wanted: Sequence[tuple[str, int]]) -> Example | None:
    """What the folder of an image holds for the table, of these methods and seeds."""
    suffix = suffix_in(folder, table.scale)
    if suffix is None:
        return None
    paths = {
        (method, seed): folder / file_name(method, suffix, seed)
        for method, seed in wanted
        if is_one_name(method)
    }
    restored = {pair: path for pair, path in paths.items() if path.is_file()}
    if not restored:
        return None
    taken = {m: folder / file_name(reference_of(m), suffix) for m, seed in restored if seed == 0}
    references = {method: path for method, path in taken.items() if path.is_file()}
    source = folder / file_name(INPUT, suffix)
    return Example(folder.name, source, folder / TRUTH, restored, references)
