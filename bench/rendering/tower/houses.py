"""Small houses to be set about a tower. Each stands on z = 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.rendering.arrays import array
from bench.rendering.sheet import joined, sheet
from bench.rendering.surface import Mesh


def house(size: Sequence[float], wall: Sequence[float], roof: Sequence[float]) -> Mesh:
    """A gabled house: `size` its half length, half depth and height of the walls."""
    a, b, h = size
    ridge = h + 0.9 * b
    quads = []
    for side in (-1, 1):
        quads.append(quad((-a, side * b, 0), (a, side * b, 0), (a, side * b, h), wall))
        quads.append(quad((side * a, -b, 0), (side * a, b, 0), (side * a, b, h), wall))
        tip = (side * a, 0, ridge)
        gable = np.stack((array(((side * a, -b, h), (side * a, b, h))), array((tip, tip))))
        quads.append(sheet(gable, wall))
        eave, over = 1.18, 1.08
        quads.append(
            quad(
                (-a * over, side * b * eave, h - 0.12),
                (a * over, side * b * eave, h - 0.12),
                (a * over, 0, ridge),
                roof,
            )
        )
        for step in (-0.5, 0.5):
            for face in (-1, 1):
                pane = (0.16, 0.17, 0.2)
                y, x = face * (b + 0.02), a * step
                low, tall = 0.35 * h, 0.72 * h
                quads.append(
                    quad((x - 0.13, y, low), (x + 0.13, y, low), (x + 0.13, y, tall), pane)
                )
    return joined(*quads)


def quad(
    first: Sequence[float], second: Sequence[float], third: Sequence[float], colour: Sequence[float]
) -> Mesh:
    """A parallelogram of three corners in turn; the fourth is opposite the second."""
    a, b, c = array(first), array(second), array(third)
    return sheet(np.stack((np.stack((a, b)), np.stack((a + c - b, c)))), colour)
