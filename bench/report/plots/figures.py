"""The plots of a run, as PNG and SVG, with the same bytes every time."""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib import rcParams
from matplotlib.figure import Figure
from PIL import Image

from bench.analysis.analysis import Analysis
from bench.core.files import write_atomically
from bench.report.plots.budget_curves import budget_curves
from bench.report.plots.factor_maps import factor_maps
from bench.report.plots.forest import quality_by_split
from bench.report.plots.identity import identity
from bench.report.plots.planes import perception_distortion, quality_latency, quality_memory
from bench.report.style import drawing


def draw_plots(analysis: Analysis, folder: Path) -> list[str]:
    """Write every plot into `folder` and return their names, without suffix.

    Of a table whose methods restored different images they show what all of them restored.
    A plot of what was not measured is not drawn, and one of an earlier report is removed.
    """
    with drawing():
        figures: dict[str, Figure | None] = {
            "quality-by-split": quality_by_split(analysis),
            "perception-distortion": perception_distortion(analysis),
            "quality-latency": quality_latency(analysis),
            "quality-memory": quality_memory(analysis),
            "identity": identity(analysis),
            "budgets": budget_curves(analysis),
            **dict.fromkeys(path.stem for path in folder.glob("factors-*.png")),
            **factor_maps(analysis),
        }
        for name, figure in figures.items():
            files = [folder / f"{name}.{kind}" for kind in ("png", "svg")]
            if figure is None:
                for file in files:
                    file.unlink(missing_ok=True)
            else:
                save_png(figure, files[0])
                save_svg(figure, files[1])
    return [name for name, figure in figures.items() if figure is not None]


def save_png(figure: Figure, path: Path) -> None:
    """Write the figure as pixels. Of opaque ones, packed no harder than pays: matplotlib's own way
    takes twice the time for files of the same size."""
    dpi = rcParams["savefig.dpi"]
    pixels = io.BytesIO()
    figure.savefig(pixels, format="rgba", dpi=dpi)
    width, height = (int(side * dpi) for side in figure.get_size_inches())
    picture = Image.frombytes("RGBA", (width, height), pixels.getvalue()).convert("RGB")
    write_atomically(path, lambda p: picture.save(p, "PNG", dpi=(dpi, dpi), compress_level=3))


def save_svg(figure: Figure, path: Path) -> None:
    """Write the figure as paths, without what differs from run to run: dates and versions."""
    plain = {"Date": None, "Creator": None}
    write_atomically(path, lambda p: figure.savefig(p, format="svg", metadata=plain))
