"""Pictures in rows and columns, each with a caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bench.core.installed import packaged
from bench.report.ink import INK, SOFT, one_line

SIDE = 256  # pixels of a picture on a canvas; smaller ones grow by whole factors, larger shrink
GAP, HEAD, FOOT = 6, 38, 30


@dataclass(frozen=True)
class Tile:
    """One picture, or none, and what stands under it."""

    picture: Image.Image | Path | None
    caption: str = ""


def drawn(heads: Sequence[str], rows: Sequence[Sequence[Tile]]) -> Image.Image:
    """The tiles under the heads of their columns; pixels of small pictures stay visible."""
    width = len(heads) * (SIDE + GAP) - GAP
    canvas = Image.new("RGB", (width, HEAD + len(rows) * (SIDE + FOOT)), "white")
    draw = ImageDraw.Draw(canvas)
    for column, head in enumerate(heads):
        write(draw, one_line(head, 21), column, HEAD / 2, font(21), INK)
    for place, row in enumerate(rows):
        top = HEAD + place * (SIDE + FOOT)
        for column, tile in enumerate(row):
            if tile.picture is not None:
                paste(canvas, tile.picture, column, top)
            write(draw, tile.caption, column, top + SIDE + FOOT / 2, font(16), SOFT)
    return canvas


def paste(canvas: Image.Image, source: Image.Image | Path, column: int, top: int) -> None:
    """Put a picture into its cell, at the middle."""
    if isinstance(source, Path):
        with Image.open(source) as file:
            picture = file.convert("RGB")
    else:
        picture = source.copy()
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


def font(size: int) -> ImageFont.FreeTypeFont:
    """The typeface of the plots, which matplotlib brings along."""
    path = packaged("matplotlib", "mpl-data", "fonts", "ttf", "DejaVuSans.ttf")
    return ImageFont.truetype(str(path), size)
