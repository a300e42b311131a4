"""Picture grids as papers have them: the input, the methods, the truth; one image a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PIL import Image

from bench.analysis.analysis import Analysis, TableAnalysis
from bench.core.files import write_atomically
from bench.core.rows import Row, TableKey
from bench.metrics.facts import MetricFacts, Role, of_role
from bench.report.ink import one_line
from bench.report.names import display_names
from bench.report.pictures.canvas import Tile, drawn
from bench.report.pictures.examples import Example, first_of, worst_first

NOTHING = Tile(None, "none")
# The GLEAN paper sets itself beside each method that is given more than y in a figure of its own.
BESIDE = {"dfdnet": "glean", "srntt": "glean", "srntt-oracle": "glean"}


@dataclass(frozen=True)
class Shown:
    """One image of a grid, and its rows by method."""

    example: Example
    rows: Mapping[str, Row]


@dataclass(frozen=True)
class Grid:
    """What one picture grid shows: its images, and the methods by name, the best last."""

    stem: str  # of the file
    shown: Sequence[Shown]
    names: Mapping[str, str]
    captions: Sequence[MetricFacts]  # whose scores stand under each restored picture
    reference_of: str = ""  # the method whose references stand first


def draw_grids(
    analysis: Analysis, pictures: Mapping[TableKey, Sequence[Example]], folder: Path
) -> list[Path]:
    """Write a grid of every table with pictures, one of each method there that is given more than
    y, and one over the splits of the first scale."""
    grids = grids_of(analysis, pictures)
    written = []
    pairs = [pair for grid in grids.values() for pair in pairs_of(grid)]
    for grid in [*grids.values(), *pairs, *overview(grids)]:
        written.append(folder / f"{grid.stem}.png")
        save(draw_grid(grid), written[-1])
    return written


def grids_of(
    analysis: Analysis, pictures: Mapping[TableKey, Sequence[Example]]
) -> dict[TableKey, Grid]:
    """`grid-<split>` of every table with pictures; scales after a split's first carry theirs."""
    found: dict[TableKey, Grid] = {}
    for table in analysis.tables:
        split, scale, _ = table.key
        shown = [
            Shown(example, {r.method: r for r in reversed(table.rows) if r.image == example.name})
            for example in first_of(pictures[table.key])
        ]
        if shown:
            again = any(before.split == split for before in found)
            stem = f"grid-{split}.x{scale}" if again else f"grid-{split}"
            titles = display_names(table.whole.lines)
            names = {method: titles[method] for method in worst_first(table)}
            found[table.key] = Grid(stem, shown, names, captions_of(table))
    return found


def pairs_of(grid: Grid) -> Iterator[Grid]:
    """`grid-<split>-<method>` of each method of `BESIDE`, on the images that have both."""
    for method, other in BESIDE.items():
        if {method, other} <= grid.names.keys():
            both = [s for s in grid.shown if {method, other} <= s.example.of_first_seed().keys()]
            names = {method: grid.names[method], other: grid.names[other]}
            has_references = any(method in each.example.references for each in both)
            if both:
                yield replace(
                    grid,
                    stem=f"{grid.stem}-{method}",
                    shown=both,
                    names=names,
                    reference_of=method if has_references else "",
                )


def captions_of(table: TableAnalysis) -> list[MetricFacts]:
    """One metric of fidelity and one of perception, as far as they were measured."""
    trusted = [f for f in table.whole.metrics if f.column not in table.doubts]
    asked = (of_role(role, trusted)[:1] for role in (Role.FIDELITY, Role.PERCEPTION))
    return [facts for found in asked for facts in found]


def overview(grids: Mapping[TableKey, Grid]) -> Iterator[Grid]:
    """`grid`: the first picture of each split at the first scale, if there are several splits.

    Its methods are those that restored all of them, in the order of the first split; the others
    stand in the grids of their splits.
    """
    of_split: dict[str, Grid] = {}
    for table, grid in grids.items():
        if table.scale == next(iter(grids)).scale:
            of_split.setdefault(table.split, grid)
    if len(of_split) > 1:
        shown = [grid.shown[0] for grid in of_split.values()]
        everywhere = set.intersection(*(set(each.example.of_first_seed()) for each in shown))
        first = next(iter(of_split.values()))
        if names := {m: title for m, title in first.names.items() if m in everywhere}:
            yield Grid("grid", shown, names, first.captions)


def save(grid: Image.Image, path: Path) -> None:
    """Write a grid, whole or not at all."""
    write_atomically(path, partial(grid.save, format="PNG"))


def draw_grid(grid: Grid) -> Image.Image:
    """The grid, its methods in the order of their names; pixels of the input stay visible."""
    shown, names = grid.shown, grid.names
    restored = [each.example.of_first_seed() for each in shown]
    methods = [m for m in names if any(m in found for found in restored)]
    rows = []
    for each, found in zip(shown, restored, strict=True):
        tiles = [
            Tile(found[m], scores(each.rows.get(m), grid.captions)) if m in found else NOTHING
            for m in methods
        ]
        first = reference(grid, each)
        rows.append([*first, Tile(each.example.input), *tiles, Tile(each.example.truth)])
    heads = ["reference"] if grid.reference_of else []
    return drawn([*heads, "input", *(names[m] for m in methods), "truth"], rows)


def reference(grid: Grid, shown: Shown) -> list[Tile]:
    """What the method of the grid took detail from, if it takes any."""
    if not grid.reference_of:
        return []
    path = shown.example.references.get(grid.reference_of)
    return [Tile(path) if path else NOTHING]


def scores(row: Row | None, captions: Sequence[MetricFacts]) -> str:
    """Two scores of the picture, such as `24.31 dB, LPIPS 0.312`."""
    if row is None:
        return ""
    found = ((facts, row.score(facts.column)) for facts in captions)
    return ", ".join(caption(facts, value) for facts, value in found if value is not None)


def caption(facts: MetricFacts, value: float) -> str:
    """A score; its unit says what it is, or else its name."""
    if facts.unit:
        return f"{value:.2f} {facts.unit}"
    return f"{one_line(facts.short or facts.title, 12)} {value:.3f}"
