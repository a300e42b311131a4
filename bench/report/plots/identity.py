"""Identity: how near each restored face is to the true person, image by image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.analysis.analysis import Analysis
from bench.analysis.summary import Line
from bench.metrics.facts import Direction, MetricFacts, Role
from bench.report.formats import header
from bench.report.ink import INK, SOFT, one_line
from bench.report.names import display_names
from bench.report.plots.forest import block_title
from bench.report.plots.panels import note, panels, subsets, too_few
from bench.report.style import Style, styles

ROW = 0.3  # inches
JITTER = 0.16  # of a row


def identity(analysis: Analysis) -> Figure | None:
    """A panel for each identity metric and table; None where none was measured."""
    wanted = [
        (facts, table, [m for m in ranking.lines if facts.column in m.scores.means])
        for facts in analysis.metrics
        if facts.role is Role.IDENTITY
        for table in analysis.tables
        if (ranking := table.common.lineup.rankings.get(facts.column))
    ]
    if not wanted:
        return None
    most = max(len(members) for _, _, members in wanted)
    names = {
        method: one_line(name) for method, name in display_names(analysis.side_by_side).items()
    }
    look = styles(list(names))
    figure, axes = panels(len(wanted), 5.6, 0.95 + ROW * most, columns=2, left=1.75)
    tables = {table.key: table for _, table, _ in wanted}
    for axis, (facts, table, members) in zip(axes, wanted, strict=True):
        for place, line in enumerate(members):
            values = [
                value
                for row in table.rows
                if row.method == line.method and (value := row.score(facts.column)) is not None
            ]
            draw_row(axis, place, values, line, facts, look)
        axis.set_title(block_title(table.key, tables), pad=6)
        axis.set_xlabel(header(facts))
        axis.set_yticks(range(len(members)), [names[line.method] for line in members])
        axis.set_ylim(most - 0.4, -0.6)
        axis.tick_params(axis="y", length=0, labelcolor=INK, labelsize=8)
        axis.spines["left"].set_visible(False)
        if facts.same_person is not None:
            axis.axvline(facts.same_person, color=SOFT, lw=0.9, ls="--")
    text = "Dots: images. Markers and bars: means with their 95% intervals."
    sides = {facts.better for facts, _, _ in wanted if facts.same_person is not None}
    for better in sorted(sides):
        side = "above" if better is Direction.HIGHER else "below"
        text += f"  Dashed: {side} it two pictures count as one person."
    shown = [line for _, _, members in wanted for line in members]
    note(figure, text + too_few(shown) + subsets(tables.values()))
    return figure


def draw_row(
    axis: Axes,
    place: int,
    values: Sequence[float],
    line: Line,
    facts: MetricFacts,
    look: Mapping[str, Style],
) -> None:
    """The images of one method as dots below its mean."""
    style = look[line.method]
    spread = JITTER * np.sin(2.4 * np.arange(len(values)))  # the same in every run
    axis.plot(values, place + 0.2 + spread, "o", color=style.colour, ms=2.6, alpha=0.35, mew=0)
    interval = line.scores.means[facts.column]
    if interval.low is not None and interval.high is not None:
        axis.hlines(place - 0.16, interval.low, interval.high, color=style.colour, lw=1.8)
    axis.plot(interval.mean, place - 0.16, style.marker, color=style.colour, ms=6)
