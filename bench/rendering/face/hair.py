"""Hair: a sculpted shell about the skull, grooved into strands or wound into curls."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.distance import capsule, ellipsoid, smooth_subtract, smooth_union, sphere
from bench.rendering.face.head import Head, mirrored
from bench.rendering.pattern import noise, smoothstep
from bench.rendering.surface import Mesh, surface

STEP = 0.04
STRANDS = 24  # around the head
CURL = 17.0  # radians of a curl's winding to a head unit
JAW, LONG = -0.60, -1.55  # where long hair ends: at the jaw, or below the picture


class Hair:
    """The hair of one head."""

    def __init__(self, head: Head) -> None:
        f = head.factors
        self.head = head
        self.style: str = f["hair_style"]
        self.volume = f["hair_volume"] * {"curly": 1.2, "bun": 0.6, "cropped": 0.5}.get(
            self.style, 1.0
        )
        self.part = 0.45 * f["hair_part"]
        self.sweep = -1.0 if self.part > 0 else 1.0  # the side that hair is combed to
        self.fringe: bool = f["hair_fringe"]
        self.length: float = f["hair_length"]
        self.end = JAW + (LONG - JAW) * self.length

    def mass(self, points: Array) -> Array:
        """The hair before it is combed."""
        side = mirrored(points)
        head, grown = self.head, 0.045 + self.volume
        radii = array(head.skull_radii) + array([grown, grown, grown + 0.3 * self.volume])
        cap = ellipsoid(side, head.skull_centre, radii)
        if self.style == "parted":
            crest = (0.30 * self.sweep, -0.50, 0.80)
            quiff = ellipsoid(points, crest, (0.50, 0.32, 0.15 + 0.9 * self.volume))
            cap = smooth_union(cap, quiff, 0.16)
        if self.style == "long":
            cap = smooth_union(cap, self.falling(side), 0.22)
        cap = smooth_subtract(cap, self.face(points), 0.07)
        if self.style == "bun":
            cap = smooth_union(cap, sphere(side, (0, 0.12, 1.06), 0.25 + 0.5 * self.volume), 0.06)
        if self.style in ("cropped", "parted", "bun"):
            # Around the ears the hair is cut, a little lower behind them.
            cut = -0.06 - points[:, 2] - 0.35 * smoothstep(-0.1, 0.5, points[:, 1])
            cap = array(np.maximum(cap, cut))
        return cap

    def falling(self, side: Array) -> Array:
        """Long hair: a curtain beside the face and what hangs down the back, of mirrored points."""
        head, end = self.head, self.end
        outer = 0.78 * head.width + 0.3 * self.volume
        flare = outer + 0.05 - 0.1 * self.length
        curtain = capsule(side, (outer, 0.16, 0.25), (flare, 0.10, end), 0.19, 0.17)
        back = capsule(side, (0.3, 0.42, 0.0), (0.42, 0.36, end), 0.45, 0.36)
        return smooth_union(curtain, back, 0.15)

    def face(self, points: Array) -> Array:
        """What the hair leaves free: an oval in front, lower over a fringe with its locks."""
        # Cropped hair leaves the temples free, tied hair is pulled back.
        top, wide = {"cropped": (0.60, 0.80), "bun": (0.64, 0.80), "curly": (0.70, 0.76)}.get(
            self.style, (0.64, 0.74)
        )
        lowered = np.zeros(len(points), np.float32)
        if self.fringe:
            lowered += 0.22 + 0.045 * np.sin(13 * points[:, 0] + 2)
        if self.style == "parted":
            # The longer side falls across the forehead.
            lowered += 0.28 * smoothstep(0.0, 0.9, (points[:, 0] - self.part) * self.sweep)
        if self.style == "long":
            lowered += 0.14 * smoothstep(0.0, 0.6, np.abs(points[:, 0] - self.part))
        moved = points.copy()
        moved[:, 2] += np.minimum(lowered, 0.30)  # never below the brows
        height = (top + 0.75) / 2
        return ellipsoid(
            moved, (0, -1.0, top - height), (wide * self.head.width, 0.98, 1.06 * height)
        )

    def relief(self, points: Array) -> Array:
        """Height of strands or curls, 0 in the grooves to 1."""
        if self.style in ("curly",):
            x, y, z = (CURL * (points + 0.05 * noise(points, 4.0, seed=2)[:, None])).T
            wound = np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x)
            return array(0.5 + wound / 2.4)
        # Strands run from a pole on the parting; a bun's run from the bun.
        pole = (0.0, 0.12) if self.style == "bun" else (self.part, -0.15)
        x, y = points[:, 0] - pole[0], points[:, 1] - pole[1]
        around = np.arctan2(x, -y)
        wave = 1.2 * noise(points, 2.2, seed=7)
        broad, fine = STRANDS * around + 4 * wave, 2.3 * STRANDS * around - 5 * wave
        strand = 0.5 + 0.33 * np.sin(broad) + 0.17 * np.sin(fine)
        return array(0.5 + (strand - 0.5) * smoothstep(0.05, 0.4, np.hypot(x, y)))

    def distance(self, points: Array) -> Array:
        """The combed hair."""
        depth = 0.10 if self.style == "curly" else 0.05
        return array(self.mass(points) + depth * (0.6 - self.relief(points)))

    def colour(self, points: Array, normals: Array) -> Array:
        """Lighter on the strands, darker between."""
        shade = 0.58 + 0.55 * self.relief(points) + 0.25 * (noise(points, 3.0, seed=4) - 0.5)
        # A band of sheen, painted: a real coat would grey the hair all over.
        sheen = np.exp(-(((normals[:, 2] - 0.72) / 0.16) ** 2)) * self.relief(points)
        colour = array(self.head.factors["hair_colour"]) * shade[:, None]
        return array(colour * (1 + 0.3 * sheen[:, None]) + 0.10 * sheen[:, None])

    def mesh(self) -> Mesh:
        """The hair, down to the lower edge of the picture where it is long."""
        reach = self.head.skull_radii[0] + 0.6
        bottom = self.end - 0.35 if self.style == "long" else -0.5
        return surface(self.distance, self.colour, (-reach, -1.1, bottom), (reach, 0.75, 1.5), STEP)


def hair(head: Head) -> list[Mesh]:
    """The hair, unless there is none."""
    return [] if head.factors["hair_style"] == "bald" else [Hair(head).mesh()]
