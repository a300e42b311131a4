"""Which pictures of a table lie in `images/`, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bench.report.ranking import leading_metric, ranked
from bench.results import Results
from bench.rows import RowState
from bench.summary import Line, Table

MOST_IMAGES = 6


@dataclass(frozen=True)
class Example:
    """One image: what the methods received, what they made of it, and what it was."""

    name: str
    input: Path
    truth: Path
    restored: dict[str, Path]  # by method; only those that are there


def examples(
    images: Path | None, table: Table, lines: Sequence[Line], results: Results
) -> list[Example]:
    """The first images of the table that have a truth, an input and a restored picture."""
    if images is None or not is_one_name(table.split):
        return []
    methods = [line.method for line in ranked(lines, leading_metric(lines, results.metrics))]
    methods.reverse()  # the best beside the truth, as papers have it
    names = dict.fromkeys(
        row.image
        for row in results.rows
        if Table(row.split, row.scale, row.operator) == table and row.state is RowState.OK
    )
    found: list[Example] = []
    for name in names:
        if len(found) == MOST_IMAGES:
            break
        if is_one_name(name) and (example := look(images / table.split / name, table, methods)):
            found.append(example)
    return found


def look(folder: Path, table: Table, methods: Sequence[str]) -> Example | None:
    """What the folder of an image holds for the table."""
    truth = folder / "truth.png"
    suffix = next((s for s in ("", f".x{table.scale}") if serves(folder, s, table.scale)), None)
    if suffix is None:
        return None
    paths = {method: folder / f"{method}{suffix}.png" for method in methods if is_one_name(method)}
    restored = {method: path for method, path in paths.items() if path.is_file()}
    if not restored:
        return None
    return Example(folder.name, folder / f"input{suffix}.png", truth, restored)


def serves(folder: Path, suffix: str, scale: int) -> bool:
    """Whether the input of that suffix is the truth reduced by `scale`.

    Only files of scales other than a run's main one carry theirs in the name.
    """
    truth, source = folder / "truth.png", folder / f"input{suffix}.png"
    if not (truth.is_file() and source.is_file()):
        return False
    with Image.open(truth) as large, Image.open(source) as small:
        return large.size == (small.width * scale, small.height * scale)


def is_one_name(text: str) -> bool:
    """Whether the text can name a file of a folder, and none outside it."""
    return text not in ("", ".", "..") and not any(c in text for c in "/\\\0")
