"""The plots of a run, as PNG and SVG, with the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from bench.files import write_atomically
from bench.report.forest import quality_by_split
from bench.report.planes import perception_distortion, quality_latency
from bench.report.style import drawing
from bench.results import Results
from bench.summary import Line


@dataclass(frozen=True)
class Plot:
    """A plot as the page shows it."""

    name: str  # of its files in plots/
    caption: str
    svg: bytes


PLOTS: dict[str, tuple[str, Callable[[Results, Sequence[Line]], Figure]]] = {
    "quality-by-split": (
        "Quality by split: means over images with their 95% intervals.",
        quality_by_split,
    ),
    "perception-distortion": (
        "Perception and distortion: best is the top right corner.",
        perception_distortion,
    ),
    "quality-latency": (
        "Quality against the latency of one image: best is the top left corner.",
        quality_latency,
    ),
}


def draw_plots(results: Results, lines: Sequence[Line], folder: Path) -> list[Plot]:
    """Write every plot into `folder` and return them."""
    plots = []
    with drawing():
        for name, (caption, draw) in PLOTS.items():
            figure = draw(results, lines)
            save(figure, folder / f"{name}.png", metadata={"Software": None})
            svg = folder / f"{name}.svg"
            save(figure, svg, metadata={"Date": None, "Creator": None})
            plots.append(Plot(name, caption, svg.read_bytes()))
    return plots


def save(figure: Figure, path: Path, metadata: dict[str, None]) -> None:
    """Write the figure without what differs from run to run: dates and versions."""
    kind = path.suffix.removeprefix(".")
    write_atomically(path, lambda p: figure.savefig(p, format=kind, metadata=metadata))
