"""Picture grids as papers have them: the input, the methods, the truth; one image a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def draw_grids(
    results: Results, lines: Sequence[Line], folder: Path, images: Path | None
) -> list[Path]:
    """Write `grid-<split>.png` for every table with pictures; further scales carry theirs."""
    written: list[Path] = []
    for table, members in tables_of(lines).items():
        shown = examples(images, table, members, results)
        if not shown:
            continue
        path = folder / f"grid-{table.split}.png"
        if path in written:
            path = folder / f"grid-{table.split}.x{table.scale}.png"
        rows = {(row.image, row.method): row for row in reversed(results.rows) if is_of(row, table)}
        names = display_names(members)
        in_order = {method: names[method] for method in worst_first(members, results)}
        grid = draw_grid(shown, in_order, rows)
        write_atomically(path, partial(grid.save, format="PNG"))
        written.append(path)
    return written


def is_of(row: Row, table: Table) -> bool:
    """Whether the row belongs to the table."""
    return Table(row.split, row.scale, row.operator) == table


def draw_grid(
    shown: Sequence[Example], names: Mapping[str, str], rows: Mapping[tuple[str, str], Row]
) -> Image.Image:
    """The grid, its methods in the order of `names`; pixels of the input stay visible."""
    restored = {example.name: example.of_first_seed() for example in shown}
    methods = [m for m in names if any(m in found for found in restored.values())]
    width = (len(methods) + 2) * (SIDE + GAP) - GAP
    height = HEAD + len(shown) * (SIDE + FOOT)
    canvas = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(canvas)
    for column, name in enumerate(["input", *(names[m] for m in methods), "truth"]):
        write(draw, one_line(name, 21), column, HEAD / 2, font(21), INK)
    for place, example in enumerate(shown):
        top = HEAD + place * (SIDE + FOOT)
        paste(canvas, example.input, 0, top)
        paste(canvas, example.truth, len(methods) + 1, top)
        for column, method in enumerate(methods, 1):
            if method in restored[example.name]:
                paste(canvas, restored[example.name][method], column, top)
                caption = scores(rows.get((example.name, method)))
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
