"""The markers of the plots as SVG paths, so that a method looks the same on the page."""

from __future__ import annotations

import numpy as np
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path

LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}


def outline(marker: str) -> str:
    """The marker of that name as the `d` of an SVG path, one unit wide around the origin."""
    style = MarkerStyle(marker)
    path = style.get_path().transformed(style.get_transform())
    size = 2 * np.abs(path.vertices).max()
    parts = []
    for points, code in path.iter_segments(simplify=False):
        places = (points / size).reshape(-1, 2) * (1, -1)  # SVG counts downwards
        numbers = " ".join(f"{x:.3f} {y:.3f}" for x, y in places)
        parts.append("Z" if code == Path.CLOSEPOLY else f"{LETTERS[code]}{numbers}")
    return "".join(parts)
