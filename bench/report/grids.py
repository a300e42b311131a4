"""Picture grids as papers have them: the input, the methods, the truth; one image a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import matplotlib
from PIL import Image, ImageDraw, ImageFont

from bench.files import write_atomically
from bench.report.examples import Example, examples, worst_first
from bench.report.ranking import tables_of
from bench.report.style import INK, SOFT, one_line
from bench.report.tables import display_names
from bench.results import Results
from bench.rows import Row
from bench.summary import Line, Table, score

SIDE = 256  # pixels of a picture in the grid; smaller ones grow by whole factors, larger shrink
GAP, HEAD, FOOT = 6, 38, 30
# What stands under each restored picture, if it was measured.
CAPTION = (("psnr_rgb_db", "{:.2f} dB"), ("lpips_alex", "LPIPS {:.3f}"), ("st_lpips", "ST {:.3f}"))


@dataclass(frozen=True)
class Shown:
    """One image of a grid, and its rows by method."""

    example: Example
    rows: Mapping[str, Row]


def draw_grids(
    results: Results, lines: Sequence[Line], folder: Path, images: Path | None
) -> list[Path]:
    """Write `grid-<split>.png` for every table with pictures; further scales carry theirs.

    Where the first scale has several splits, `grid.png` has one picture of each, methods in the
    order of the first.
    """
    written: list[Path] = []
    firsts: list[Shown] = []
    names: dict[str, str] = {}
    tables = tables_of(lines)
    for table, members in tables.items():
        rows = [row for row in reversed(results.rows) if is_of(row, table)]
        shown = [
            Shown(example, {row.method: row for row in rows if row.image == example.name})
            for example in examples(images, table, members, results)
        ]
        if not shown:
            continue
        path = folder / f"grid-{table.split}.png"
        is_first = path not in written
        if not is_first:
            path = folder / f"grid-{table.split}.x{table.scale}.png"
        titles = display_names(members)
        in_order = {method: titles[method] for method in worst_first(members, results)}
        if is_first and table.scale == next(iter(tables)).scale:
            firsts.append(shown[0])
            names = names or in_order
        save(draw_grid(shown, in_order), path)
        written.append(path)
    if len(firsts) > 1:
        save(draw_grid(firsts, names), folder / "grid.png")
        written.append(folder / "grid.png")
    return written


def save(grid: Image.Image, path: Path) -> None:
    """Write a grid, whole or not at all."""
    write_atomically(path, partial(grid.save, format="PNG"))


def is_of(row: Row, table: Table) -> bool:
    """Whether the row belongs to the table."""
    return Table(row.split, row.scale, row.operator) == table


def draw_grid(shown: Sequence[Shown], names: Mapping[str, str]) -> Image.Image:
    """The grid, its methods in the order of `names`; pixels of the input stay visible."""
    restored = [each.example.of_first_seed() for each in shown]
    methods = [m for m in names if any(m in found for found in restored)]
    width = (len(methods) + 2) * (SIDE + GAP) - GAP
    height = HEAD + len(shown) * (SIDE + FOOT)
    canvas = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(canvas)
    for column, name in enumerate(["input", *(names[m] for m in methods), "truth"]):
        write(draw, one_line(name, 21), column, HEAD / 2, font(21), INK)
    for place, (each, found) in enumerate(zip(shown, restored, strict=True)):
        top = HEAD + place * (SIDE + FOOT)
        paste(canvas, each.example.input, 0, top)
        paste(canvas, each.example.truth, len(methods) + 1, top)
        for column, method in enumerate(methods, 1):
            if method in found:
                paste(canvas, found[method], column, top)
                caption = scores(each.rows.get(method))
            else:
                caption = "none"
            write(draw, caption, column, top + SIDE + FOOT / 2, font(16), SOFT)
    return canvas


def paste(canvas: Image.Image, path: Path, column: int, top: int) -> None:
    """Put a picture into its cell, at the middle."""
    with Image.open(path) as file:
        picture = file.convert("RGB")
    longest = max(picture.size)
    if longest > SIDE:
        picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    else:
        factor = SIDE // longest
        picture = picture.resize(
            (picture.width * factor, picture.height * factor), Image.Resampling.NEAREST
        )
    left = column * (SIDE + GAP) + (SIDE - picture.width) // 2
    canvas.paste(picture, (left, top + (SIDE - picture.height) // 2))


def write(
    draw: ImageDraw.ImageDraw,
    text: str,
    column: int,
    middle: float,
    face: ImageFont.FreeTypeFont,
    colour: str,
) -> None:
    """A text at the middle of its column."""
    draw.text((column * (SIDE + GAP) + SIDE / 2, middle), text, colour, face, anchor="mm")


def scores(row: Row | None) -> str:
    """Two scores of the picture, such as `24.31 dB, LPIPS 0.312`."""
    if row is None:
        return ""
    found = [form.format(v) for column, form in CAPTION if (v := score(row, column)) is not None]
    return ", ".join(found[:2])


def font(size: int) -> ImageFont.FreeTypeFont:
    """The typeface of the plots, which matplotlib brings along."""
    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    return ImageFont.truetype(str(path), size)
