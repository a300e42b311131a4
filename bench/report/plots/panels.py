"""Figures of equal panels, laid out in inches and without any global state."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.analysis.analysis import TableAnalysis
from bench.analysis.summary import Line
from bench.report.ink import SOFT, one_line
from bench.report.style import new_figure
from bench.stats import FEWEST


def panels(
    count: int, width: float, height: float, columns: int = 3, left: float = 0.62
) -> tuple[Figure, list[Axes]]:
    """`count` panels of `width` by `height` inches, axis labels and titles included.

    left: inches for what stands beside the vertical axis.
    """
    columns = min(count, columns)
    rows = -(-count // columns)
    below = 0.4  # two lines of notes
    figure = new_figure(columns * width, rows * height + below)
    found = []
    for place in range(count):
        row, column = divmod(place, columns)
        found.append(
            figure.add_axes(
                (
                    (column * width + left) / (columns * width),
                    (below + (rows - row - 1) * height + 0.5) / (rows * height + below),
                    (width - left - 0.2) / (columns * width),
                    (height - 0.5 - 0.36) / (rows * height + below),
                )
            )
        )
    return figure, found


def label(axis: Axes, across: str, up: str) -> None:
    """Name both axes, where `panels` leaves room for it: else each drawing measures all ticks to
    find a place, and panels beside each other have their names at different places."""
    figure = axis.get_figure(root=True)
    assert figure is not None
    box = axis.get_position()
    width, height = figure.get_size_inches() * (box.width, box.height)
    axis.set_xlabel(across, va="center")
    axis.set_ylabel(up, va="center")
    axis.xaxis.set_label_coords(0.5, -0.36 / height)
    axis.yaxis.set_label_coords(-0.48 / width, 0.5)


def unlabelled(axis: Axes) -> None:
    """Say that neither axis will have a label: else each drawing looks for a place for it."""
    axis.xaxis.set_label_coords(0, 0)
    axis.yaxis.set_label_coords(0, 0)


def note(figure: Figure, text: str) -> None:
    """A line or two at the lower left."""
    width, height = figure.get_size_inches()
    wrapped = textwrap.fill(text, int(16 * width))  # sixteen letters of this size fill an inch
    figure.text(0.12 / width, 0.08 / height, wrapped, fontsize=7, color=SOFT, va="bottom")


def too_few(lines: Sequence[Line]) -> str:
    """Why means have no bars, where they have none."""
    few = any(interval.n < FEWEST for line in lines for interval in line.scores.means.values())
    return f"  Fewer than {FEWEST} images have none." if few else ""


def subsets(tables: Iterable[TableAnalysis]) -> str:
    """A sentence on the tables whose methods are compared on some images only, or nothing."""
    found = [
        f"{table.common.images} of {table.common.of} of {one_line(table.key.split)}"
        for table in tables
        if not table.common.is_whole
    ]
    return f"  Over the images that all of these restored: {', '.join(found)}." if found else ""


def nothing_measured(why: str = "") -> Figure:
    """A figure that says why it is empty."""
    figure = new_figure(4.5, 1.2)
    text = f"nothing measured: {why}" if why else "nothing measured"
    figure.text(0.5, 0.5, text, ha="center", va="center", color=SOFT)
    return figure
