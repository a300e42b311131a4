"""Budget curves as a figure: quality after part of the steps of an optimisation."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from bench.analysis.analysis import Analysis
from bench.analysis.curves import Curve
from bench.metrics.facts import Direction, MetricFacts
from bench.report.formats import header
from bench.report.ink import one_line
from bench.report.names import display_names
from bench.report.plots.forest import block_title
from bench.report.plots.labels import Label, place_labels
from bench.report.plots.panels import label, note, panels
from bench.report.style import styles


def budget_curves(analysis: Analysis) -> Figure | None:
    """A panel for each table with curves of the leading metric; None where there is none."""
    leading = analysis.leading
    # A curve is of one method: one that restored few images, which no other figure has, is drawn.
    names = display_names(analysis.lines)
    shown = {
        table.key: members
        for table in analysis.tables
        if (members := [c for c in table.curves if is_shown(c, leading)])
    }
    if not shown or leading is None:
        return None
    look = styles(list(names))
    figure, axes = panels(len(shown), 3.9 if len(shown) > 1 else 5.4, 3.5)
    for axis, (table, members) in zip(axes, shown.items(), strict=True):
        labels = []
        for curve in members:
            style = look[curve.method]
            steps = [stage.steps for stage in curve.stages]
            means = [stage.score.mean for stage in curve.stages]
            low = [stage.score.low for stage in curve.stages]
            high = [stage.score.high for stage in curve.stages]
            if None not in low and None not in high:
                axis.fill_between(steps, low, high, color=style.colour, alpha=0.13, lw=0)  # type: ignore[arg-type]
            axis.plot(steps, means, style.marker, ls="-", color=style.colour, ms=5.5, lw=1.6)
            labels += [
                Label("", x, y, style.ink) for x, y in zip(steps[:-1], means[:-1], strict=True)
            ]
            labels.append(Label(one_line(names[curve.method]), steps[-1], means[-1], style.ink))
        axis.set_xscale("log")
        stops = sorted({stage.steps for curve in members for stage in curve.stages})
        axis.xaxis.set_major_locator(FixedLocator(spaced(stops)))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.xaxis.set_minor_locator(NullLocator())
        label(axis, "optimisation steps", header(leading))
        axis.set_title(block_title(table, shown), pad=6)
        axis.margins(0.14)
        if leading.better is Direction.LOWER:
            axis.invert_yaxis()
        axis.set(xlim=axis.get_xlim(), ylim=axis.get_ylim())  # labels must not move them
        place_labels(axis, labels)
    note(figure, "Means over the images that were scored at every stage; bands: 95% intervals.")
    return figure


def is_shown(curve: Curve, leading: MetricFacts | None) -> bool:
    """Whether the curve is of the leading metric."""
    return leading is not None and curve.column == leading.column


def spaced(stops: Sequence[int]) -> list[int]:
    """Those that are at least a sixth of a decade apart: nearer ones would collide as labels."""
    kept: list[int] = []
    for stop in stops:
        if not kept or stop >= kept[-1] * 1.5:
            kept.append(stop)
    return kept
