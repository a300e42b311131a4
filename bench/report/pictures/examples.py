"""Which pictures of a table lie in `images/`, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bench.analysis.ranking import leading_metric, ranked
from bench.analysis.summary import Line, Table
from bench.core.rows import RowState
from bench.results.images_folder import is_one_name, serves
from bench.results.results import Results

MOST_IMAGES = 6  # of a picture grid


@dataclass(frozen=True)
class Example:
    """One image: what the methods received, what they made of it, and what it was."""

    name: str
    input: Path
    truth: Path
    restored: dict[tuple[str, int], Path]  # by method and seed; only those that are there

    def of_first_seed(self) -> dict[str, Path]:
        """The pictures that every method has, by method."""
        return {method: path for (method, seed), path in self.restored.items() if seed == 0}


def examples(
    images: Path | None, table: Table, lines: Sequence[Line], results: Results
) -> list[Example]:
    """The first images of the table that have a truth, an input and a restored picture."""
    found = all_examples(images, table, lines, results)
    return list(islice((example for example in found if example.of_first_seed()), MOST_IMAGES))


def all_examples(
    images: Path | None, table: Table, lines: Sequence[Line], results: Results
) -> Iterator[Example]:
    """Every image of the table that has a truth, an input and a restored picture."""
    if images is None or not is_one_name(table.split):
        return
    order = worst_first(lines, results)
    names: dict[str, set[tuple[str, int]]] = {}
    for row in results.rows:
        if Table(row.split, row.scale, row.operator) == table and row.state is RowState.OK:
            names.setdefault(row.image, set()).add((row.method, row.seed))
    for name, done in names.items():
        if is_one_name(name):
            wanted = sorted(done, key=lambda pair: (order.index(pair[0]), pair[1]))
            if example := look(images / table.split / name, table, wanted):
                yield example


def worst_first(lines: Sequence[Line], results: Results) -> list[str]:
    """The methods of a table so that the best stands beside the truth, as papers have it."""
    best_first = ranked(lines, leading_metric(lines, results.metrics))
    return [line.method for line in reversed(best_first)]


def look(folder: Path, table: Table, wanted: Sequence[tuple[str, int]]) -> Example | None:
    """What the folder of an image holds for the table, of these methods and seeds."""
    suffix = next((s for s in ("", f".x{table.scale}") if serves(folder, s, table.scale)), None)
    if suffix is None:
        return None
    paths = {
        (method, seed): folder / f"{method}{suffix}{f'.seed{seed}' if seed else ''}.png"
        for method, seed in wanted
        if is_one_name(method)
    }
    restored = {pair: path for pair, path in paths.items() if path.is_file()}
    if not restored:
        return None
    return Example(folder.name, folder / f"input{suffix}.png", folder / "truth.png", restored)
