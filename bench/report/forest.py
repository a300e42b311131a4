"""Quality by split: a row a method, a column a metric, a block a split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bench.metrics.registry import MetricFacts
from bench.report.formats import header
from bench.report.panels import note, nothing_measured
from bench.report.ranking import columns_of, leading_metric, ranked, tables_of
from bench.report.style import INK, RULE, Style, one_line, styles
from bench.report.tables import display_names
from bench.results import Results
from bench.summary import Line, Table

ROW, COLUMN, GAP = 0.21, 1.62, 0.34  # inches: height of a method, width of a metric, between blocks
LEFT, RIGHT, TOP, BOTTOM = 1.75, 0.15, 0.42, 0.55  # inches around the panels


def quality_by_split(results: Results, lines: Sequence[Line]) -> Figure:
    """Means with 95% intervals; the panels of a metric share their axis over all splits."""
    metrics = columns_of(lines, results.metrics)
    tables = {
        table: ranked(measured, leading_metric(measured, results.metrics))
        for table, members in tables_of(lines).items()
        if (measured := [line for line in members if line.metrics])
    }
    if not metrics:
        return nothing_measured()
    look = styles([line.method for line in lines])
    names = display_names(lines)
    width = LEFT + len(metrics) * COLUMN + RIGHT
    heights = [ROW * (len(members) + 0.6) for members in tables.values()]
    height = TOP + sum(heights) + GAP * (len(tables) - 1) + BOTTOM
    figure = Figure(figsize=(width, height))
    top = height - TOP
    first_row: list[Axes] = []
    for place, ((table, members), tall) in enumerate(zip(tables.items(), heights, strict=True)):
        for column, facts in enumerate(metrics):
            left = (LEFT + column * COLUMN) / width
            axis = figure.add_axes(
                (left, (top - tall) / height, (COLUMN - 0.16) / width, tall / height),
                sharex=first_row[column] if first_row else None,
            )
            draw_panel(axis, facts, members, look, is_last=place == len(tables) - 1)
            if column == 0:
                name_rows(axis, members, names)
                title = axis.text(-LEFT / (COLUMN - 0.16) + 0.06, 1, block_title(table, tables),
                                  transform=axis.transAxes, va="bottom", weight="bold")  # fmt: skip
                title.set_fontsize(9.5)
            if place == 0:
                axis.set_title(header(facts), pad=8, fontsize=8.5)
        first_row = first_row or figure.axes[: len(metrics)]
        top -= tall + GAP
    remarks = "Bars: 95% interval of the mean over images."
    if any(line.partial for line in lines):
        remarks += "  Hollow: over fewer images than others of the panel."
    note(figure, remarks)
    return figure


def draw_panel(
    axis: Axes,
    facts: MetricFacts,
    members: Sequence[Line],
    look: Mapping[str, Style],
    is_last: bool,
) -> None:
    """One metric of one table, the best method of the table at the top."""
    for row, line in enumerate(members):
        interval = line.metrics.get(facts.column)
        if interval is None:
            continue
        style = look[line.method]
        if interval.low is not None and interval.high is not None:
            axis.hlines(row, interval.low, interval.high, color=style.colour, lw=1.8, alpha=0.55)
        face = "white" if facts.column in line.partial else style.colour
        axis.plot(interval.mean, row, style.marker, color=style.colour, mfc=face, ms=5.5, mew=1)
    axis.set_ylim(len(members) - 0.3, -0.7)
    axis.set_yticks([])
    axis.margins(x=0.1)
    axis.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 2.5, 5, 10]))
    axis.tick_params(axis="x", length=2.5, labelbottom=is_last)
    axis.spines["left"].set_visible(False)
    if facts.applies_to(members[0].table.split):
        return
    axis.text(0.5, 0.5, "not defined here", transform=axis.transAxes, ha="center", va="center",
              fontsize=7, color=RULE)  # fmt: skip


def name_rows(axis: Axes, members: Sequence[Line], names: Mapping[str, str]) -> None:
    """The methods at the left."""
    labels = [one_line(names[line.method]) for line in members]
    axis.set_yticks(range(len(members)), labels)
    axis.tick_params(axis="y", length=0, labelcolor=INK, labelsize=8)


def block_title(table: Table, tables: Mapping[Table, object]) -> str:
    """The split, with the scale where several stand above each other."""
    several = len({other.scale for other in tables}) > 1
    return one_line(f"{table.split} {table.scale}x" if several else table.split)
