"""Planes: each method a point between two axes, a panel a split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from bench.analysis.analysis import Analysis
from bench.analysis.ranking import columns_of
from bench.analysis.summary import Line
from bench.metrics.facts import Direction, MetricFacts, Role, of_role
from bench.report import formats
from bench.report.ink import SOFT, one_line
from bench.report.names import display_names
from bench.report.plots.forest import block_title
from bench.report.plots.labels import Bounds, Label, place_labels
from bench.report.plots.panels import label, note, nothing_measured, panels, subsets, too_few
from bench.report.style import styles
from bench.report.tables.timing_notes import DIFFERENT
from bench.stats import Interval

PARETO = "  Dotted: the Pareto set."
HOLLOW = "  Hollow: over fewer images than others of the panel."


@dataclass(frozen=True)
class Coordinate:
    """A value with its bar, if it has one."""

    value: float
    bar: Bounds | None
    is_partial: bool = False  # over fewer images than others


class Bar(NamedTuple):
    """An interval in a panel."""

    ends: list[tuple[float, float]]
    colour: str


Across = Callable[[Line], Coordinate | None]


def perception_distortion(analysis: Analysis) -> Figure:
    """Fidelity to the right, perceptual distance downwards (Blau and Michaeli, CVPR 2018)."""
    measured = columns_of(analysis.side_by_side, analysis.metrics)
    fidelity, perceptual = (
        next((f for f in of_role(role, measured) if f.column not in analysis.doubts), None)
        for role in (Role.FIDELITY, Role.PERCEPTION)
    )
    if fidelity is None or perceptual is None:
        return nothing_measured("this plane needs PSNR and LPIPS that are to be trusted")

    def set_up(axis: Axes) -> None:
        label(axis, formats.header(fidelity), formats.header(perceptual))
        say_better(axis, "better ↗")

    figure = plane(analysis, lambda line: mean_of(line, fidelity), perceptual, set_up)
    note(figure, "Bars: 95% intervals of the means over images." + remarks(analysis))
    return figure


def quality_latency(analysis: Analysis) -> Figure:
    """The leading metric upwards, the median latency of one image on a logarithmic axis."""
    quality, lines = analysis.leading, analysis.side_by_side
    if quality is None or not any(line.costs.latency_s and line.scores.means for line in lines):
        return nothing_measured()

    def set_up(axis: Axes) -> None:
        label(axis, "latency of one image", formats.header(quality))
        set_up_costs(axis, formats.decade, LogLocator(10, numticks=5))

    figure = plane(analysis, latency_of, quality, set_up, pareto=True)
    bars = "Bars: 95% intervals of the means, quartiles of the latency."
    note(figure, bars + PARETO + remarks(analysis) + mixed(analysis))
    return figure


def quality_memory(analysis: Analysis) -> Figure:
    """The leading metric upwards, the median peak memory on a logarithmic axis."""
    quality, lines = analysis.leading, analysis.side_by_side
    if quality is None or not any(m.costs.peak_mem_bytes and m.scores.means for m in lines):
        return nothing_measured()

    def set_up(axis: Axes) -> None:
        label(axis, "peak memory while restoring one image", formats.header(quality))
        set_up_costs(axis, formats.binary, LogLocator(2, numticks=5))

    figure = plane(analysis, memory_of, quality, set_up, pareto=True)
    bars = "Bars: 95% intervals of the means; memory is the median over images."
    note(figure, bars + PARETO + remarks(analysis))
    return figure


def set_up_costs(axis: Axes, write: Callable[[float], str], ticks: LogLocator) -> None:
    """A logarithmic axis of what a method costs, at least a decade and a half long."""
    axis.set_xscale("log")
    axis.xaxis.set_major_locator(ticks)
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))
    axis.xaxis.set_minor_locator(NullLocator())
    say_better(axis, "↖ better")
    low, high = axis.get_xlim()
    centre = (low * high) ** 0.5  # on a shorter axis no tick may show
    axis.set_xlim(min(low, centre / 5.5), max(high, centre * 5.5))


def mean_of(line: Line, facts: MetricFacts) -> Coordinate | None:
    """A mean with its interval."""
    found = line.scores.means.get(facts.column)
    if found is None:
        return None
    return Coordinate(found.mean, bounds(found), facts.column in line.scores.partial)


def latency_of(line: Line) -> Coordinate | None:
    """The median latency with its quartiles; what took no time has no place on the axis."""
    costs = line.costs
    return Coordinate(costs.latency_s, costs.latency_quartiles_s) if costs.latency_s else None


def memory_of(line: Line) -> Coordinate | None:
    """The median peak memory; what took none has no place on the axis."""
    peak = line.costs.peak_mem_bytes
    return Coordinate(float(peak), None) if peak else None


def bounds(interval: Interval) -> Bounds | None:
    """The interval's ends."""
    if interval.low is None or interval.high is None:
        return None
    return interval.low, interval.high


def plane(
    analysis: Analysis,
    across: Across,
    upwards: MetricFacts,
    set_up: Callable[[Axes], None],
    *,
    pareto: bool = False,
) -> Figure:
    """A panel for each table with points; where lower is better, lower values are at the top."""
    tables = {
        table.key: members
        for table in analysis.tables
        if (members := [m for m in table.common.lineup.lines if across(m) and mean_of(m, upwards)])
    }
    if not tables:
        return nothing_measured()
    lines = analysis.side_by_side
    names = display_names(lines)
    look = styles([line.method for line in lines])
    figure, axes = panels(len(tables), 3.9 if len(tables) > 1 else 5.4, 3.5)
    for axis, (table, members) in zip(axes, tables.items(), strict=True):
        labels = []
        points = []
        bars: list[Bar] = []
        for line in members:
            x, y = across(line), mean_of(line, upwards)
            assert x is not None
            assert y is not None
            style = look[line.method]
            if x.bar:
                bars.append(Bar([(end, y.value) for end in x.bar], style.colour))
            if y.bar:
                bars.append(Bar([(x.value, end) for end in y.bar], style.colour))
            fill = "white" if x.is_partial or y.is_partial else style.colour
            axis.plot(x.value, y.value, style.marker, color=style.colour, mfc=fill, ms=6.5)
            if not (x.is_partial or y.is_partial):
                points.append((x.value, y.value))
            name = one_line(names[line.method])
            labels.append(Label(name, x.value, y.value, style.ink, x.bar, y.bar))
        draw_bars(axis, bars)
        if pareto:
            best_first = pareto_set(points, upwards.better)
            axis.step(*zip(*best_first, strict=True), where="post", color=SOFT, lw=0.9, ls=":",
                      zorder=1)  # fmt: skip
        axis.set_title(block_title(table, tables), pad=6)
        axis.margins(0.12)
        set_up(axis)
        if upwards.better is Direction.LOWER:
            axis.invert_yaxis()
        axis.set(xlim=axis.get_xlim(), ylim=axis.get_ylim())  # labels must not move them
        place_labels(axis, labels)
    return figure


def draw_bars(axis: Axes, bars: Sequence[Bar]) -> None:
    """The bars below all markers, in one go: a collection for each took a third of the time."""
    ends, colours = [bar.ends for bar in bars], [bar.colour for bar in bars]
    axis.add_collection(LineCollection(ends, colors=colours, lw=1.4, alpha=0.4, zorder=1.9))


def pareto_set(
    points: Sequence[tuple[float, float]], better: Direction
) -> list[tuple[float, float]]:
    """The (cost, quality) pairs that no other beats or equals at both, the cheapest first."""
    sign = -1 if better is Direction.HIGHER else 1
    found: list[tuple[float, float]] = []
    for cost, quality in sorted(points, key=lambda point: (point[0], sign * point[1])):
        if not found or sign * quality < sign * found[-1][1]:
            found.append((cost, quality))
    return found


def say_better(axis: Axes, text: str) -> None:
    """Say which corner is best."""
    axis.text(1, 1.03, text, transform=axis.transAxes, ha="right", fontsize=7, color=SOFT)


def mixed(analysis: Analysis) -> str:
    """That times in one panel were taken under several conditions, if they were."""
    conditions = (
        {line.costs.timed for line in table.common.lineup.lines if line.costs.latency_s is not None}
        for table in analysis.tables
    )
    return f"  {DIFFERENT}: see summary.md." if any(len(c) > 1 for c in conditions) else ""


def remarks(analysis: Analysis) -> str:
    """Which means have no bars, what hollow markers are, and which images were left out."""
    lines = analysis.side_by_side
    hollow = HOLLOW if any(line.scores.partial for line in lines) else ""
    return too_few(lines) + hollow + subsets(analysis.tables)
