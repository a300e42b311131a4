"""Planes: each method a point between two axes, a panel a split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from bench.analysis.ranking import FIDELITY, PERCEPTUAL, columns_of, leading_metric, tables_of
from bench.analysis.summary import Line
from bench.metrics.facts import Direction, MetricFacts
from bench.report import formats
from bench.report.names import display_names
from bench.report.plots.forest import block_title
from bench.report.plots.labels import Bounds, Label, place_labels
from bench.report.plots.panels import note, nothing_measured, panels, subsets, too_few
from bench.report.style import SOFT, one_line, styles
from bench.results.results import Results
from bench.stats import Interval

PARETO = "  Dotted: the Pareto set."
HOLLOW = "  Hollow: over fewer images than others of the panel."


@dataclass(frozen=True)
class Coordinate:
    """A value with its bar, if it has one."""

    value: float
    bar: Bounds | None
    is_partial: bool = False  # over fewer images than others


Across = Callable[[Line], Coordinate | None]


def perception_distortion(results: Results, lines: Sequence[Line]) -> Figure:
    """Fidelity to the right, perceptual distance downwards (Blau and Michaeli, CVPR 2018)."""
    known = {facts.column: facts for facts in columns_of(lines, results.metrics)}
    perceptual = next((known[column] for column in PERCEPTUAL if column in known), None)
    fidelity = known.get(FIDELITY)
    if fidelity is None or perceptual is None:
        return nothing_measured("this plane needs PSNR and LPIPS or ST-LPIPS")

    def set_up(axis: Axes) -> None:
        axis.set_xlabel(formats.header(fidelity))
        say_better(axis, "better ↗")

    figure = plane(lines, lambda line: mean_of(line, fidelity), perceptual, set_up)
    note(figure, "Bars: 95% intervals of the means over images." + remarks(results, lines))
    return figure


def quality_latency(results: Results, lines: Sequence[Line]) -> Figure:
    """The leading metric upwards, the median latency of one image on a logarithmic axis."""
    quality = leading_metric(lines, results.metrics)
    if quality is None or not any(line.latency_s and line.metrics for line in lines):
        return nothing_measured()

    def set_up(axis: Axes) -> None:
        axis.set_xlabel("latency of one image")
        set_up_costs(axis, formats.decade, LogLocator(10, numticks=5))

    figure = plane(lines, latency_of, quality, set_up, pareto=True)
    bars = "Bars: 95% intervals of the means, quartiles of the latency."
    note(figure, bars + PARETO + remarks(results, lines))
    return figure


def quality_memory(results: Results, lines: Sequence[Line]) -> Figure:
    """The leading metric upwards, the median peak memory on a logarithmic axis."""
    quality = leading_metric(lines, results.metrics)
    if quality is None or not any(line.peak_mem_bytes and line.metrics for line in lines):
        return nothing_measured()

    def set_up(axis: Axes) -> None:
        axis.set_xlabel("peak memory while restoring one image")
        set_up_costs(axis, formats.binary, LogLocator(2, numticks=5))

    figure = plane(lines, memory_of, quality, set_up, pareto=True)
    bars = "Bars: 95% intervals of the means; memory is the median over images."
    note(figure, bars + PARETO + remarks(results, lines))
    return figure


def set_up_costs(axis: Axes, write: Callable[[float], str], ticks: LogLocator) -> None:
    """A logarithmic axis of what a method costs, at least a decade and a half long."""
    axis.set_xscale("log")
    axis.xaxis.set_major_locator(ticks)
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.tick_params(axis="x", which="minor", length=0)
    say_better(axis, "↖ better")
    low, high = axis.get_xlim()
    centre = (low * high) ** 0.5  # on a shorter axis no tick may show
    axis.set_xlim(min(low, centre / 5.5), max(high, centre * 5.5))


def mean_of(line: Line, facts: MetricFacts) -> Coordinate | None:
    """A mean with its interval."""
    found = line.metrics.get(facts.column)
    if found is None:
        return None
    return Coordinate(found.mean, bounds(found), facts.column in line.partial)


def latency_of(line: Line) -> Coordinate | None:
    """The median latency with its quartiles; what took no time has no place on the axis."""
    return Coordinate(line.latency_s, line.latency_quartiles_s) if line.latency_s else None


def memory_of(line: Line) -> Coordinate | None:
    """The median peak memory; what took none has no place on the axis."""
    return Coordinate(float(line.peak_mem_bytes), None) if line.peak_mem_bytes else None


def bounds(interval: Interval) -> Bounds | None:
    """The interval's ends."""
    if interval.low is None or interval.high is None:
        return None
    return interval.low, interval.high


def plane(
    lines: Sequence[Line],
    across: Across,
    upwards: MetricFacts,
    set_up: Callable[[Axes], None],
    *,
    pareto: bool = False,
) -> Figure:
    """A panel for each table with points; where lower is better, lower values are at the top."""
    tables = tables_of([line for line in lines if across(line) and mean_of(line, upwards)])
    if not tables:
        return nothing_measured()
    names = display_names(lines)
    look = styles([line.method for line in lines])
    figure, axes = panels(len(tables), 3.9 if len(tables) > 1 else 5.4, 3.5)
    for axis, (table, members) in zip(axes, tables.items(), strict=True):
        labels = []
        points = []
        for line in members:
            x, y = across(line), mean_of(line, upwards)
            assert x is not None
            assert y is not None
            style = look[line.method]
            if x.bar:
                axis.hlines(y.value, *x.bar, color=style.colour, lw=1.4, alpha=0.4)
            if y.bar:
                axis.vlines(x.value, *y.bar, color=style.colour, lw=1.4, alpha=0.4)
            fill = "white" if x.is_partial or y.is_partial else style.colour
            axis.plot(x.value, y.value, style.marker, color=style.colour, mfc=fill, ms=6.5)
            if not (x.is_partial or y.is_partial):
                points.append((x.value, y.value))
            name = one_line(names[line.method])
            labels.append(Label(name, x.value, y.value, style.ink, x.bar, y.bar))
        if pareto:
            best_first = pareto_set(points, upwards.better)
            axis.step(*zip(*best_first, strict=True), where="post", color=SOFT, lw=0.9, ls=":",
                      zorder=1)  # fmt: skip
        axis.set_title(block_title(table, tables), pad=6)
        axis.set_ylabel(formats.header(upwards))
        axis.margins(0.12)
        set_up(axis)
        if upwards.better is Direction.LOWER:
            axis.invert_yaxis()
        axis.set(xlim=axis.get_xlim(), ylim=axis.get_ylim())  # labels must not move them
        place_labels(axis, labels)
    return figure


def pareto_set(
    points: Sequence[tuple[float, float]], better: Direction
) -> list[tuple[float, float]]:
    """Of (cost, quality), those that no other beats or equals at both, the cheapest first."""
    sign = -1 if better is Direction.HIGHER else 1
    found: list[tuple[float, float]] = []
    for cost, quality in sorted(points, key=lambda point: (point[0], sign * point[1])):
        if not found or sign * quality < sign * found[-1][1]:
            found.append((cost, quality))
    return found


def say_better(axis: Axes, text: str) -> None:
    """Say which corner is best."""
    axis.text(1, 1.03, text, transform=axis.transAxes, ha="right", fontsize=7, color=SOFT)


def remarks(results: Results, lines: Sequence[Line]) -> str:
    """Which means have no bars, what hollow markers are, and which images were left out."""
    hollow = HOLLOW if any(line.partial for line in lines) else ""
    return too_few(lines) + hollow + subsets(results, lines)
