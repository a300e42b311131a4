"""Wheels: a tyre round a rim of spokes, a dish or turbine blades."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.car.outline import Outline
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.distance import smooth_union
from bench.rendering.pattern import smoothstep
from bench.rendering.surface import Mesh, surface

STEP = 0.03
HALF = 0.1  # of the tyre's width
RUBBER, GAP = (0.07, 0.07, 0.075), (0.03, 0.03, 0.035)
RIM = 0.68  # of the wheel's radius
SPOKES, BLADES = 5, 9


def wheel(factors: Factors, shape: Outline) -> Mesh:
    """A wheel about the origin, its axle along y, its outer face towards -y."""
    radius = shape.wheel

    def distance(points: Array) -> Array:
        around = array(np.hypot(points[:, 0], points[:, 2]))
        return -smooth_union(radius - around, array(HALF - np.abs(points[:, 1])), 0.06)

    def colour(vertices: Array, _normals: Array) -> Array:
        along, up = vertices[:, 0] / radius, vertices[:, 2] / radius
        around, angle = np.hypot(along, up), np.arctan2(up, along)
        share = openings(factors["rims"], around, angle)
        rim = mix(factors["rim_colour"], GAP, share)
        return mix(rim, RUBBER, smoothstep(RIM - 0.03, RIM + 0.03, around))

    corner = array((radius + 0.05, HALF + 0.05, radius + 0.05))
    return surface(distance, colour, -corner, corner, STEP)


def openings(kind: str, around: Array, angle: Array) -> Array:
    """Where one looks through the rim: 0 metal to 1 gap."""
    ring = smoothstep(0.2, 0.26, around) * smoothstep(RIM - 0.07, RIM - 0.13, around)
    if kind == "dish":
        return array(0.8 * smoothstep(0.04, 0.0, np.abs(around - 0.42)))
    if kind == "spokes":
        return array(ring * smoothstep(0.05, -0.25, np.cos(SPOKES * (angle - np.pi / 2))))
    return array(ring * smoothstep(0.2, -0.3, np.cos(BLADES * angle + 6 * around)))
