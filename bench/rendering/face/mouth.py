"""The mouth: two lips, and between them teeth and the dark."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.colour import mix
from bench.rendering.distance import tube, union
from bench.rendering.face.head import Head, onto
from bench.rendering.pattern import smoothstep
from bench.rendering.surface import Mesh, surface

STEP = 0.019
HALF = 0.265  # half the width
DARK = (0.20, 0.05, 0.05)
TONGUE = (0.66, 0.24, 0.24)
TEETH = (0.95, 0.92, 0.86)


class Mouth:
    """The two lines of a mouth along `across`, from -1 to 1, in head units."""

    def __init__(self, head: Head) -> None:
        f = head.factors
        self.head = head
        self.across = np.linspace(-1, 1, 9)
        self.half = HALF * f["mouth_width"] * (1 + 0.14 * f["smile"] - 0.10 * f["mouth_open"])
        self.x = self.half * self.across
        arc = 1 - self.across**2
        # Corners go up or down more than the middle goes the other way.
        middle = head.mouth_z - (0.135 * arc - 0.06) * f["smile"]
        gap = f["mouth_open"] * arc**0.7
        thick = 0.046 * f["lip_fullness"]
        self.upper = middle + 0.05 * gap + 0.6 * thick
        self.lower = middle - 0.21 * gap - 0.7 * thick
        self.thick = thick * (0.35 + 0.65 * arc**0.5)

    def lips(self) -> Mesh:
        """Both lips: the lower is the fuller, the upper dips in the middle."""
        bow = 0.35 * np.exp(-((self.across / 0.16) ** 2)) - 0.25 * self.across**2
        top = self.on_skin(self.upper - bow * self.thick)
        bottom = self.on_skin(self.lower)
        radii = 1.12 * self.thick

        def distance(points: Array) -> Array:
            return union(tube(points, top, 0.92 * self.thick), tube(points, bottom, radii))

        line = (self.upper + self.lower) / 2

        def colour(points: Array, _: Array) -> Array:
            """The colour deepens to the line between the lips, and meets the skin at the edge."""
            away = np.abs(points[:, 2] - np.interp(points[:, 0], self.x, line))
            lips = array(self.head.factors["lip_colour"])
            full = mix(lips * 0.85, mix(lips, self.head.factors["skin_colour"], 0.15), away / 0.09)
            return mix(full * 0.35, full, smoothstep(0.004, 0.022, away))

        path = np.concatenate((top, bottom))
        margin = float(radii.max()) + 2 * STEP
        return surface(distance, colour, path.min(0) - margin, path.max(0) + margin, STEP)

    def inside(self) -> Mesh:
        """What an open mouth shows, laid on the skin as puppets' mouths are."""
        skull = self.head.skull

        def distance(points: Array) -> Array:
            x, z = points[:, 0], points[:, 2]
            lift = np.interp(x, self.x, self.upper)
            drop = np.interp(x, self.x, self.lower)
            hole = np.maximum(np.maximum(z - lift, drop - z), np.abs(x) - self.half)
            return array(np.maximum(skull(points) - 0.012, hole))

        def colour(points: Array, _: Array) -> Array:
            """Teeth hang from the upper lip, the tongue lies on the lower."""
            x, z = points[:, 0], points[:, 2]
            below = np.interp(x, self.x, self.upper) - z
            above = z - np.interp(x, self.x, self.lower)
            side = smoothstep(0.9, 0.55, np.abs(x) / self.half)
            tongue = mix(DARK, TONGUE, smoothstep(0.11, 0.05, above) * side)
            row = 0.10 * self.head.smile - 0.012
            return mix(tongue, TEETH, smoothstep(row + 0.012, row - 0.012, below) * side)

        path = self.on_skin((self.upper + self.lower) / 2)
        low = (path[:, 0].min(), path[:, 1].min() - 0.12, self.lower.min() - STEP)
        high = (path[:, 0].max(), path[:, 1].max() + 0.06, self.upper.max() + STEP)
        return surface(distance, colour, low, high, STEP)

    def on_skin(self, z: Array) -> Array:
        """The line at heights `z` (K,), laid on the skin: (K, 3)."""
        path = onto(self.head.skull, array(np.stack((self.x, 0 * self.x, z), -1)))
        path[:, 1] -= 0.2 * self.thick
        return path


def mouth(head: Head) -> list[Mesh]:
    """Lips, and the inside of a mouth that is open."""
    shape = Mouth(head)
    return [shape.lips(), shape.inside()] if head.open > 0 else [shape.lips()]
