"""Factors by methods as a heat map: which of what is known of a picture a restoration keeps."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from bench.analysis.analysis import Analysis
from bench.analysis.factors import in_order, retention, truth_of
from bench.analysis.summary import Line
from bench.core.rows import TableKey
from bench.report import formats
from bench.report.ink import INK, SOFT, one_line
from bench.report.names import display_names
from bench.report.plots.panels import note, unlabelled
from bench.report.plots.texts import write_at
from bench.report.style import new_figure
from bench.report.tables.factors import MARKS
from bench.results.images_folder import is_one_name
from bench.results.results import FactorLine

ROW, COLUMN = 0.215, 0.62  # inches
LEFT, TOP, BOTTOM, RIGHT = 1.75, 1.15, 0.55, 0.95
# Light enough for dark text throughout: a full circle in white would pass for an empty one.
SCALE = LinearSegmentedColormap.from_list("kept", ["#f7f8f9", "#c3dff0", "#62b0e3"])
TEXT = (
    "Share of images on which the factor is read back. Colour: from chance (grey) to the truth's "
    "share (blue). " + ", ".join(f"{mark} {standing}" for standing, mark in MARKS.items()) + "."
)


def factor_maps(analysis: Analysis) -> dict[str, Figure]:
    """A figure for each table with factors, by its file's name; further scales carry theirs."""
    figures: dict[str, Figure] = {}
    for table in analysis.tables:
        split, scale, _ = table.key
        if table.factors and is_one_name(split):
            name = f"factors-{split}"
            name = f"{name}.x{scale}" if name in figures else name
            if figure := factor_map(table.key, table.common.lineup.best_first, table.factors):
                figures[name] = figure
    return figures


def factor_map(
    table: TableKey, members: Sequence[Line], lines: Sequence[FactorLine]
) -> Figure | None:
    """A row a factor, a column a method, the truth first; None if no factor is counted."""
    factors, methods = in_order(lines, members)
    if not factors:
        return None
    found = {(line.factor, line.method): line for line in lines}
    names = display_names(members)
    width = LEFT + COLUMN * (len(methods) + 1) + RIGHT
    height = TOP + ROW * len(factors) + BOTTOM
    figure = new_figure(width, height)
    axis = figure.add_axes(
        (
            LEFT / width,
            BOTTOM / height,
            COLUMN * (len(methods) + 1) / width,
            ROW * len(factors) / height,
        )
    )
    shades = [
        [1.0, *(retention(cell) if (cell := found.get((f, m))) else float("nan") for m in methods)]
        for f in factors
    ]
    axis.imshow(shades, cmap=SCALE, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    texts: dict[tuple[float, float], str] = {}
    for row, factor in enumerate(factors):
        texts[0, row] = f"{truth_of(lines, factor):.2f}"
        for column, method in enumerate(methods, 1):
            line = found.get((factor, method))
            if line is not None and line.agreement is not None:
                mark = f" {MARKS[line.standing]}" if line.standing else ""
                texts[column, row] = f"{line.agreement:.2f}{mark}"
    write_at(axis, texts, 7, INK)
    axis.set_yticks(range(len(factors)), [one_line(formats.factor(name)) for name in factors])
    heads = ["truth", *(one_line(names.get(method, method), 18) for method in methods)]
    axis.set_xticks(range(len(heads)), heads, rotation=40, ha="left", rotation_mode="anchor")
    axis.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    axis.tick_params(axis="both", labelcolor=INK, labelsize=7.5)
    unlabelled(axis)
    axis.grid(visible=False)
    axis.spines[:].set_visible(False)
    axis.axvline(0.5, color="white", lw=4)
    images = max(line.n for line in lines)
    title = f"{one_line(table.split, 16)} {table.scale}x"
    figure.text(0.12 / width, 1 - 0.22 / height, title, weight="bold", fontsize=9.5)
    counted = f"{images} image" + ("s" if images > 1 else "")
    figure.text(0.12 / width, 1 - 0.4 / height, counted, fontsize=7.5, color=SOFT)
    note(figure, TEXT)
    return figure
