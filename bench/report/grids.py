"""Picture grids, as papers have them: input, methods, truth; one image a row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

from bench.report.style import new_figure, plain
from bench.summary import Line

MOST_IMAGES = 6


def examples(folder: Path, methods: Sequence[str]) -> list[Path]:
    """The first images of a split that have a truth and any restored picture."""
    if not folder.is_dir():
        return []
    complete = [
        image
        for image in sorted(folder.iterdir())
        if (image / "truth.png").exists() and any((image / f"{m}.png").exists() for m in methods)
    ]
    return complete[:MOST_IMAGES]


def draw_grid(folder: Path, split: str, lines: Sequence[Line]) -> Figure | None:
    """The grid of a split, or None if there are no pictures of it."""
    methods = [line.method for line in lines if line.ok]
    images = examples(folder, methods)
    if not images:
        return None
    columns = ["input", *methods, "truth"]
    figure, axes = new_figure(len(images), len(columns), 1.15, 1.15)
    for row, image in enumerate(images):
        for column, name in enumerate(columns):
            axis = axes[row * len(columns) + column]
            axis.set_axis_off()
            if row == 0:
                axis.set_title(plain(name), fontsize=8)
            path = image / f"{name}.png"
            if path.exists():
                with Image.open(path) as picture:
                    axis.imshow(picture.convert("RGB"), interpolation="nearest")
    return figure
