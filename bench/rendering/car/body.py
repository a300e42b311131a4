"""The body of a car: hull and cabin extruded from the side view, less arches and cargo bed."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.car.livery import Livery
from bench.rendering.car.outline import Outline
from bench.rendering.category import Factors
from bench.rendering.distance import box, ellipsoid, polygon, smooth_subtract, smooth_union, union
from bench.rendering.sheet import doubled
from bench.rendering.surface import Mesh, surface

STEP = 0.042  # metres: a pixel of a car that fills the width
ARCH_GAP = 0.055  # between tyre and arch
ARCH_DEPTH = 0.34  # from the flank inwards


def body(factors: Factors, shape: Outline) -> Mesh:
    """The painted shell with windows, lamps and trim in its vertex colours."""
    edge = 0.05 + 0.09 * factors["roundness"]

    def distance(points: Array) -> Array:
        x, y, z = points[:, 0], np.abs(points[:, 1]), points[:, 2]
        side = points[:, ::2]
        hull = both(polygon(side, shape.hull) - 0.02, y - shape.hull_width(x, z), edge)
        cabin = both(polygon(side, shape.cabin) - 0.02, y - shape.cabin_width(x, z), edge)
        shell = smooth_union(hull, cabin, 0.05)
        shell = smooth_subtract(shell, arches(x, y, z, shape), 0.03)
        if factors["body"] == "pickup":
            shell = smooth_subtract(shell, cargo_bed(points, shape), 0.03)
        return union(shell, mirrors(points, shape))

    low = array((-shape.half - 0.08, 0, shape.clearance - 0.1))
    high = array((shape.half + 0.08, shape.width / 2 + 0.16, shape.height + 0.08))
    return doubled(surface(distance, Livery(factors, shape), low, high, STEP), axis=1)


def both(first: Array, second: Array, edge: float) -> Array:
    """Where both shapes are, the edge between rounded."""
    return -smooth_union(-first, -second, edge)


def arches(x: Array, y: Array, z: Array, shape: Outline) -> Array:
    """Hollows for the wheels."""
    axle = np.where(x > 0, shape.front_axle, shape.rear_axle)
    around = np.hypot(x - axle, z - shape.wheel) - (shape.wheel + ARCH_GAP)
    return array(np.maximum(around, shape.width / 2 - ARCH_DEPTH - y))


def cargo_bed(points: Array, shape: Outline) -> Array:
    """The open box behind the cabin of a pickup."""
    rear, front = -shape.half + 0.12, shape.back - 0.12
    floor, top = shape.clearance + 0.38, shape.belt + 0.4
    centre = (rear + front) / 2, 0, (floor + top) / 2
    return box(
        points, centre, ((front - rear) / 2, shape.width / 2 - 0.13, (top - floor) / 2), 0.05
    )


def mirrors(points: Array, shape: Outline) -> Array:
    """Outside mirrors, where the windscreen begins."""
    x, z = shape.cowl - 0.28, shape.belt + 0.1
    mirrored = np.stack((points[:, 0], np.abs(points[:, 1]), points[:, 2]), -1)
    y = float(shape.cabin_width(array((x,)), array((z,)))[0]) + 0.1
    return ellipsoid(mirrored, (x, y, z), (0.075, 0.12, 0.085))
