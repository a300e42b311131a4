"""Many short texts in a panel, as markers: a map of factors has hundreds of numbers, most of them
several times, and laying out a `Text` for each took most of its time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from bench.core.grouping import grouped

Places = Mapping[tuple[float, float], str]  # in data coordinates


def write_at(axis: Axes, texts: Places, size: float, colour: str) -> None:
    """Write each text at the middle of its place, `size` points high, under what is drawn later."""
    for text, found in grouped((text, place) for place, text in texts.items()).items():
        outline = outline_of(text, size)
        # A marker is scaled until it reaches half its size from the middle.
        reach = 2 * float(np.abs(np.asarray(outline.vertices)).max())
        across, up = zip(*found, strict=True)
        line = Line2D(across, up, linestyle="none", marker=outline, color=colour)
        line.set(markersize=reach, markeredgewidth=0)
        axis.add_artist(line)


def outline_of(text: str, size: float) -> Path:
    """The letters around the origin in points, on a baseline that all digits share."""
    width, letters = 0.0, []
    for letter in text:
        outline, advance = letter_of(letter, size)
        letters.append(outline.transformed(Affine2D().translate(width, 0)))
        width += advance
    digit = np.asarray(letter_of("0", size)[0].vertices)[:, 1]
    height = digit.min() + digit.max()
    joined = Path.make_compound_path(*letters)
    return joined.transformed(Affine2D().translate(-width / 2, -height / 2))


@lru_cache(maxsize=256)
def letter_of(letter: str, size: float) -> tuple[Path, float]:
    """A letter's outline in points, from the start of its baseline, and how far the next is."""
    path = Path(np.empty((0, 2))) if letter.isspace() else TextPath((0, 0), letter, size=size)
    # Two bars with the letter between them are wider than two bars by just that much.
    both, bars = (
        np.asarray(TextPath((0, 0), text, size=size).vertices) for text in (f"|{letter}|", "||")
    )
    return path, float(np.ptp(both[:, 0]) - np.ptp(bars[:, 0]))
