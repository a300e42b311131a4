"""Quality by split: a block a split, a row a method, a column a metric."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from bench.analysis.analysis import Analysis
from bench.analysis.ranking import columns_of
from bench.analysis.summary import Line
from bench.core.rows import TableKey
from bench.metrics.facts import MetricFacts
from bench.report.formats import DOUBTED, header
from bench.report.ink import GRID, INK, RULE, SOFT, one_line
from bench.report.names import display_names
from bench.report.plots.panels import note, nothing_measured, subsets, too_few, unlabelled
from bench.report.style import Style, new_figure, styles

ROW, COLUMN = 0.21, 1.72  # inches: height of a method, width of a metric
LEFT, RIGHT, TOP, BOTTOM = 1.8, 0.05, 0.68, 0.55  # inches around the panels
ABOVE, BETWEEN = 0.36, 0.28  # inches above a block, and between panels side by side
HEADING = 20  # characters of a line above a column; TOP has room for two lines


def quality_by_split(analysis: Analysis) -> Figure:
    """Means with 95% intervals; the panels of a metric share their axis over all splits."""
    lines = analysis.side_by_side
    metrics = columns_of(lines, analysis.metrics)
    blocks = {
        table.key: measured
        for table in analysis.tables
        if (measured := [m for m in table.common.lineup.best_first if m.scores.means])
    }
    if not blocks:
        return nothing_measured()
    look = styles([line.method for line in lines])
    names = {method: one_line(name) for method, name in display_names(lines).items()}
    heights = [ROW * (len(members) + 0.6) for members in blocks.values()]
    width = LEFT + len(metrics) * COLUMN + RIGHT
    height = TOP + sum(heights) + ABOVE * (len(blocks) - 1) + BOTTOM
    figure = new_figure(width, height)
    bottom = height - TOP
    first: list[Axes] = []
    for (table, members), tall in zip(blocks.items(), heights, strict=True):
        bottom -= tall
        panels = [
            figure.add_axes(
                (
                    (LEFT + column * COLUMN) / width,
                    bottom / height,
                    (COLUMN - BETWEEN) / width,
                    tall / height,
                ),
                sharex=first[column] if first else None,
            )
            for column in range(len(metrics))
        ]
        for axis, facts in zip(panels, metrics, strict=True):
            draw_panel(axis, facts, members, look)
            axis.tick_params(axis="x", labelbottom=table == list(blocks)[-1])
            if not first:
                axis.set_title(heading(facts, analysis), pad=22, fontsize=8.5)
        panels[0].set_yticks(range(len(members)), [names[line.method] for line in members])
        name_block(figure, table, members, blocks, (bottom + tall + 0.06) / height)
        first = first or panels
        bottom -= ABOVE
    remarks = "Bars: 95% intervals of the means over images." + too_few(lines)
    if analysis.leading:
        remarks += f"  Best first by {analysis.leading.title}."
    if any(line.scores.partial for line in lines):
        remarks += "  Hollow: over fewer images than others of the panel."
    if any(facts.column in analysis.doubts for facts in metrics):
        remarks += f"  {DOUBTED} not to be trusted in every split, as the warnings say."
    note(figure, remarks + subsets(analysis.tables))
    return figure


def heading(facts: MetricFacts, analysis: Analysis) -> str:
    """What stands above a metric's column, in lines that fit."""
    mark = f" {DOUBTED}" if facts.column in analysis.doubts else ""
    return textwrap.fill(header(facts) + mark, HEADING)


def draw_panel(
    axis: Axes, facts: MetricFacts, members: Sequence[Line], look: Mapping[str, Style]
) -> None:
    """One metric of one table, a method a row, the first at the top."""
    known = [
        (row, look[line.method], found, facts.column in line.scores.partial)
        for row, line in enumerate(members)
        if (found := line.scores.means.get(facts.column))
    ]
    rule_rows(axis, len(members))
    bars = [(i.low, i.high, row, style.colour) for row, style, i, _ in known if i.low is not None]
    if bars:
        low, high, rows, colours = zip(*bars, strict=True)
        axis.hlines(rows, low, high, colors=colours, lw=1.8, alpha=0.5)
    for row, style, interval, is_partial in known:
        fill = "white" if is_partial else style.colour
        axis.plot(interval.mean, row, style.marker, color=style.colour, mfc=fill, ms=5.5)
    if not facts.applies_to(members[0].table.split):
        axis.text(0.5, 0.5, "not defined here", transform=axis.transAxes, ha="center",
                  va="center", fontsize=7, color=RULE)  # fmt: skip
    axis.set_ylim(len(members) - 0.3, -0.7)
    axis.yaxis.set_major_locator(NullLocator())
    unlabelled(axis)
    axis.tick_params(axis="y", length=0, labelcolor=INK, labelsize=8)
    axis.tick_params(axis="x", length=2.5)
    axis.margins(x=0.1)
    axis.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axis.spines["left"].set_visible(False)


def rule_rows(axis: Axes, rows: int) -> None:
    """A thin line for each row, in one go: thirty panels would take hundreds of ticks."""
    lines = [((0.0, row), (1.0, row)) for row in range(rows)]
    across = axis.get_yaxis_transform()
    rules = LineCollection(lines, colors=GRID, linewidths=0.7, transform=across, zorder=0.5)
    axis.add_collection(rules, autolim=False)
    axis.grid(visible=False, axis="y")


def name_block(
    figure: Figure,
    table: TableKey,
    members: Sequence[Line],
    tables: Mapping[TableKey, object],
    y: float,
) -> None:
    """The split and how many images it has, above its block."""
    left = 0.12 / figure.get_figwidth()
    figure.text(left, y, block_title(table, tables), weight="bold", fontsize=9.5)
    count = members[0].coverage.images
    images = f"{count} image" + ("s" if count > 1 else "")
    end = (LEFT - 0.08) / figure.get_figwidth()
    figure.text(end, y, images, fontsize=7.5, color=SOFT, ha="right")


def block_title(table: TableKey, tables: Mapping[TableKey, object]) -> str:
    """The split, with the scale where several stand side by side."""
    several = len({other.scale for other in tables}) > 1
    return one_line(f"{table.split} {table.scale}x" if several else table.split, 16)
