"""Planes: each method a point between two axes, a panel a split."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from bench.metrics.registry import Direction, MetricFacts
from bench.report import formats
from bench.report.forest import block_title
from bench.report.labels import Label, place_labels
from bench.report.panels import note, nothing_measured, panels
from bench.report.ranking import FIDELITY, PERCEPTUAL, columns_of, leading_metric, tables_of
from bench.report.style import SOFT, one_line, styles
from bench.report.tables import display_names
from bench.results import Results
from bench.summary import Line, Table

Coordinate = Callable[[Line], tuple[float, float | None, float | None] | None]


def perception_distortion(results: Results, lines: Sequence[Line]) -> Figure:
    """Fidelity to the right, perceptual distance downwards (Blau and Michaeli, CVPR 2018)."""
    known = {facts.column: facts for facts in columns_of(lines, results.metrics)}
    perceptual = next((known[column] for column in PERCEPTUAL if column in known), None)
    if FIDELITY not in known or perceptual is None:
        return nothing_measured("this plane needs PSNR and LPIPS or ST-LPIPS")
    fidelity = known[FIDELITY]
    figure, drawn = draw_planes(lines, by_metric(fidelity), perceptual, {FIDELITY})
    for axis in drawn:
        axis.set_xlabel(formats.header(fidelity))
        better(axis, "right")
        axis.margins(0.16)
    return finish(figure, drawn, lines, by_metric(fidelity), perceptual, "95% intervals")


def quality_latency(results: Results, lines: Sequence[Line]) -> Figure:
    """The leading metric upwards, the median latency of one image on a logarithmic axis."""
    quality = leading_metric(lines, results.metrics)
    if quality is None or not any(line.latency_s for line in lines):
        return nothing_measured()
    figure, drawn = draw_planes(lines, by_latency, quality, set())
    for axis in drawn:
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(LogLocator(10, numticks=6))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: formats.seconds(value)))
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.set_xlabel("latency of one image")
        better(axis, "left")
        axis.margins(0.16)
        low, high = axis.get_xlim()
        if high / low < 30:
            middle = (low * high) ** 0.5
            axis.set_xlim(min(low, middle / 5.5), max(high, middle * 5.5))
    return finish(figure, drawn, lines, by_latency, quality, "95% intervals and quartiles")


def by_metric(facts: MetricFacts) -> Coordinate:
    """A mean with its bounds."""

    def coordinate(line: Line) -> tuple[float, float | None, float | None] | None:
        found = line.metrics.get(facts.column)
        return (found.mean, found.low, found.high) if found else None

    return coordinate


def by_latency(line: Line) -> tuple[float, float | None, float | None] | None:
    """The median latency with its quartiles."""
    if not line.latency_s or not line.latency_quartiles_s:
        return None
    return line.latency_s, *line.latency_quartiles_s


def draw_planes(
    lines: Sequence[Line], across: Coordinate, facts: MetricFacts, also: set[str]
) -> tuple[Figure, list[Axes]]:
    """A panel a table that has points, its lower values at the top where lower is better."""
    tables = shown_tables(lines, across, facts)
    figure, axes = panels(len(tables), 3.75 if len(tables) > 1 else 5.2, 3.4)
    look = styles([line.method for line in lines])
    for axis, (table, members) in zip(axes, tables.items(), strict=True):
        for line in members:
            x, (y, low, high) = across(line), by_metric(facts)(line) or (0.0, None, None)
            assert x is not None
            style = look[line.method]
            if low is not None and high is not None:
                axis.vlines(x[0], low, high, color=style.colour, lw=1.3, alpha=0.45)
            if x[1] is not None and x[2] is not None:
                axis.hlines(y, x[1], x[2], color=style.colour, lw=1.3, alpha=0.45)
            face = "white" if line.partial & {facts.column, *also} else style.colour
            axis.plot(x[0], y, style.marker, color=style.colour, mfc=face, ms=6.5, mew=1)
        axis.set_title(block_title(table, tables), pad=6)
        axis.set_ylabel(formats.header(facts))
        if facts.better is Direction.LOWER:
            axis.invert_yaxis()
    return figure, axes


def shown_tables(
    lines: Sequence[Line], across: Coordinate, facts: MetricFacts
) -> dict[Table, list[Line]]:
    """The lines of each table that have both coordinates; no table without any."""
    has_both = [line for line in lines if facts.column in line.metrics and across(line)]
    return tables_of(has_both)


def finish(
    figure: Figure,
    axes: Sequence[Axes],
    lines: Sequence[Line],
    across: Coordinate,
    facts: MetricFacts,
    bars: str,
) -> Figure:
    """Name the points, now that the axes are final, and say what the bars are."""
    look = styles([line.method for line in lines])
    names = display_names(lines)
    tables = shown_tables(lines, across, facts)
    for axis, members in zip(axes, tables.values(), strict=True):
        labels = [
            Label(one_line(names[line.method]), x[0], line.metrics[facts.column].mean,
                  look[line.method].colour)
            for line in members
            if (x := across(line))
        ]  # fmt: skip
        axis.set_xlim(axis.get_xlim())
        axis.set_ylim(axis.get_ylim())
        place_labels(axis, labels)
    hollow = any(line.partial for line in lines)
    note(figure, f"Bars: {bars}." + ("  Hollow: over fewer images than others." * hollow))
    return figure


def better(axis: Axes, side: str) -> None:
    """Say which corner is best."""
    axis.text(1 if side == "right" else 0, 1.02, "better ↗" if side == "right" else "↖ better",
              transform=axis.transAxes, ha=side, va="bottom", fontsize=7, color=SOFT)  # fmt: skip
