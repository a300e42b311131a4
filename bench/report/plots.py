"""The plots of a run, as PNG and SVG with the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from bench.files import write_atomically
from bench.metrics.registry import Direction, MetricFacts
from bench.report import figures
from bench.report.grids import draw_grid
from bench.report.ranking import columns_of, tables_of
from bench.report.style import Style, finish, new_figure, nothing_measured, plain, styles
from bench.results import Results
from bench.summary import Line

# The perceptual metric of the plane: the first of these that was measured.
PERCEPTUAL = ("lpips_alex", "lpips_vgg", "st_lpips")
FIDELITY = "psnr_rgb_db"


def draw_all(
    results: Results, lines: Sequence[Line], folder: Path, images: Path
) -> dict[str, str]:
    """Draw every plot into `folder`; returns the SVG text of each by its name."""
    look = styles([line.method for line in lines])
    drawn: dict[str, str] = {}
    plots: dict[str, Callable[[], Figure]] = {
        "quality-by-split": lambda: quality_by_split(results.metrics, lines, look),
        "perception-distortion": lambda: perception_distortion(results.metrics, lines, look),
        "quality-latency": lambda: quality_latency(results.metrics, lines, look),
    }
    for name, draw in plots.items():
        drawn[name] = save(draw(), folder / name)
    for split in dict.fromkeys(line.table[0] for line in lines):
        grid = draw_grid(images / split, split, [line for line in lines if line.table[0] == split])
        if grid is not None:
            save_png(grid, folder / f"grid-{split}.png")
    return drawn


def quality_by_split(
    metrics: Sequence[MetricFacts], lines: Sequence[Line], look: dict[str, Style]
) -> Figure:
    """A panel a metric: means with 95% intervals, splits side by side."""
    columns = [f for f in columns_of(lines, metrics) if f.column != "lr_psnr_db"]
    tables = list(tables_of(lines))
    if not columns:
        return nothing_measured()
    panels = min(len(columns), 3)
    rows = -(-len(columns) // panels)
    width = max(3.6, 0.9 + 0.62 * len(tables) + 0.16 * len(tables) * len(look))
    figure, axes = new_figure(rows, panels, width, 2.7)
    for axis, facts in zip(axes, columns, strict=False):
        for place, table in enumerate(tables):
            shown = [line for line in lines if line.table == table and facts.column in line.metrics]
            for index, line in enumerate(shown):
                interval = line.metrics[facts.column]
                style = look[line.method]
                x = place + (index - (len(shown) - 1) / 2) * min(0.8 / max(len(shown), 1), 0.14)
                if interval.low is not None and interval.high is not None:
                    axis.vlines(x, interval.low, interval.high, color=style.colour, lw=1.6)
                axis.plot(x, interval.mean, marker=style.marker, color=style.colour, ms=5.5,
                          mec="white", mew=0.6)  # fmt: skip
        axis.set_xticks(range(len(tables)), [label(table, tables) for table in tables])
        axis.set_xlim(-0.6, len(tables) - 0.4)
        axis.set_title(figures.header(facts))
        axis.grid(axis="x", visible=False)
    for axis in axes[len(columns):]:
        axis.set_visible(False)
    return finish(figure, look, [line.method for line in lines if line.metrics])


def perception_distortion(
    metrics: Sequence[MetricFacts], lines: Sequence[Line], look: dict[str, Style]
) -> Figure:
    """A panel a split: fidelity to the right, perceptual distance downwards, best at top right."""
    known = {facts.column: facts for facts in columns_of(lines, metrics)}
    perceptual = next((known[name] for name in PERCEPTUAL if name in known), None)
    if FIDELITY not in known or perceptual is None:
        return nothing_measured("needs PSNR and a perceptual metric")
    return planes(lines, look, known[FIDELITY], perceptual, invert_y=True)


def quality_latency(
    metrics: Sequence[MetricFacts], lines: Sequence[Line], look: dict[str, Style]
) -> Figure:
    """A panel a split: median latency on a logarithmic axis against the perceptual metric."""
    known = {facts.column: facts for facts in columns_of(lines, metrics)}
    wanted = (*PERCEPTUAL, FIDELITY)
    quality = next((known[name] for name in wanted if name in known), None)
    if quality is None or not any(line.latency_s for line in lines):
        return nothing_measured()
    return planes(lines, look, None, quality, invert_y=quality.better is Direction.LOWER)


def planes(
    lines: Sequence[Line],
    look: dict[str, Style],
    x_facts: MetricFacts | None,
    y_facts: MetricFacts,
    invert_y: bool,
) -> Figure:
    """A panel a table: each method a point with its intervals; x is latency where no metric is."""
    tables = tables_of(lines)
    panels = min(len(tables), 3)
    figure, axes = new_figure(-(-len(tables) // panels), panels, 3.7, 3.2)
    for axis, (table, members) in zip(axes, tables.items(), strict=False):
        for line in members:
            y = line.metrics.get(y_facts.column)
            x = line.metrics.get(x_facts.column) if x_facts else None
            x_mean = x.mean if x else line.latency_s if x_facts is None else None
            if y is None or x_mean is None:
                continue
            style = look[line.method]
            if y.low is not None and y.high is not None:
                axis.vlines(x_mean, y.low, y.high, color=style.colour, lw=1.2, alpha=0.6)
            spread = (x.low, x.high) if x else line.latency_quartiles_s
            if spread and spread[0] is not None and spread[1] is not None:
                axis.hlines(y.mean, spread[0], spread[1], color=style.colour, lw=1.2, alpha=0.6)
            axis.plot(x_mean, y.mean, marker=style.marker, color=style.colour, ms=7,
                      mec="white", mew=0.7, ls="")  # fmt: skip
        if x_facts is None:
            axis.set_xscale("log")
            axis.set_xlabel("latency of one image (s)")
        else:
            axis.set_xlabel(f"{figures.header(x_facts)}")
        axis.set_ylabel(figures.header(y_facts))
        axis.set_title(label(table, list(tables)))
        axis.margins(0.12)
        if invert_y:
            axis.invert_yaxis()
    for axis in axes[len(tables):]:
        axis.set_visible(False)
    return finish(figure, look, [line.method for line in lines if y_facts.column in line.metrics])


def label(table: tuple[str, int, str], tables: Sequence[tuple[str, int, str]]) -> str:
    """The split, with the scale where several stand side by side."""
    several = len({scale for _, scale, _ in tables}) > 1
    return plain(f"{table[0]} {table[1]}x" if several else table[0])


def save(figure: Figure, path: Path) -> str:
    """Write PNG and SVG; returns the SVG."""
    save_png(figure, path.with_suffix(".png"))
    svg = path.with_suffix(".svg")
    write_atomically(svg, lambda p: figure.savefig(p, format="svg", metadata={"Date": None}))
    return svg.read_text(encoding="utf-8")


def save_png(figure: Figure, path: Path) -> None:
    """Write a PNG without the version of the library that drew it."""
    write_atomically(path, lambda p: figure.savefig(p, format="png", metadata={"Software": None}))
