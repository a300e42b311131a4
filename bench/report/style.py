"""How plots look: one colour and one marker a method, the same in every plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

# Okabe and Ito's colours, which people with any colour vision tell apart, darkest first.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D31")
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "p", "h", "*")
# Methods of the project keep their colour whichever others take part.
FIXED = ("glean", "esrgan", "pulse", "mganprior", "srgan", "bicubic", "nearest", "lanczos")

RC = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "svg.hashsalt": "bench",
    "svg.fonttype": "path",
    "savefig.dpi": 160,
    "text.parse_math": False,
}


@dataclass(frozen=True)
class Style:
    """A method's own look."""

    colour: str
    marker: str


def styles(methods: Sequence[str]) -> dict[str, Style]:
    """The look of each method."""
    others = [name for name in dict.fromkeys(methods) if name not in FIXED]
    order = [*FIXED, *others]
    return {
        name: Style(COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)])
        for i, name in enumerate(order)
        if name in methods
    }


def new_figure(rows: int, columns: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """A figure of panels `width` by `height` inches, without any global state."""
    with mpl.rc_context(RC):
        figure = Figure(figsize=(columns * width, rows * height + 0.45), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.set_axisbelow(True)
    return figure, list(axes.flat)


def finish(figure: Figure, look: dict[str, Style], methods: Sequence[str]) -> Figure:
    """Add the legend above the panels."""
    handles = [
        Line2D([], [], color=look[name].colour, marker=look[name].marker, ls="", label=plain(name))
        for name in dict.fromkeys(methods)
    ]
    if handles:
        figure.legend(handles=handles, loc="outside upper center", ncols=min(len(handles), 5),
                      frameon=False, fontsize=8.5)  # fmt: skip
    return figure


def nothing_measured(why: str = "") -> Figure:
    """A plot that says why it is empty."""
    figure, (axis,) = new_figure(1, 1, 4.5, 2)
    axis.set_axis_off()
    axis.text(0.5, 0.5, "nothing measured" + (f": {why}" if why else ""), ha="center", va="center",
              color="#666666")  # fmt: skip
    return figure


def plain(text: str) -> str:
    """A name on one line, of a length that leaves room for the others."""
    flat = " ".join(text.split()).replace("$", "\\$")
    return flat if len(flat) <= 28 else flat[:27] + "…"  # noqa: PLR2004
