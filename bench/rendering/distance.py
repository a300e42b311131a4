"""Signed distances: negative inside, zero on the surface, positive outside.

Every function takes points (N, 3) and gives (N,) float32. Formulas after Inigo Quilez, "Distance
functions"; `ellipsoid` and the smooth operations are bounds rather than exact distances.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from bench.rendering.arrays import Array, array

Distance = Callable[[Array], Array]


def length(vectors: Array) -> Array:
    """Euclidean norms along the last axis."""
    return array(np.sqrt(np.einsum("...i,...i->...", vectors, vectors)))


def sphere(points: Array, centre: ArrayLike, radius: float) -> Array:
    """A ball."""
    return array(length(points - array(centre)) - np.float32(radius))


def ellipsoid(points: Array, centre: ArrayLike, radii: ArrayLike) -> Array:
    """A ball stretched along the axes."""
    offset, size = points - array(centre), array(radii)
    near, far = length(offset / size), length(offset / size**2)
    return array(near * (near - 1) / np.maximum(far, np.float32(1e-6)))


def box(points: Array, centre: ArrayLike, half: ArrayLike, rounding: float = 0.0) -> Array:
    """A box of half extents `half`, its edges rounded within them."""
    q = np.abs(points - array(centre)) - (array(half) - np.float32(rounding))
    outside = length(np.maximum(q, 0))
    return array(outside + np.minimum(q.max(axis=-1), 0) - np.float32(rounding))


def capsule(
    points: Array, start: ArrayLike, end: ArrayLike, radius: float, end_radius: float | None = None
) -> Array:
    """A rounded stick, tapering from `radius` to `end_radius`."""
    first = array(start)
    axis = array(end) - first
    offset = points - first
    share = np.clip(offset @ axis / np.float32(axis @ axis), 0, 1)
    taper = radius + share * ((radius if end_radius is None else end_radius) - radius)
    distance: Array = length(offset - share[:, None] * axis) - taper.astype(np.float32)
    return distance


def tube(points: Array, path: ArrayLike, radii: ArrayLike) -> Array:
    """A rounded stick along a path (K, 3), `radii` (K,) thick at its points."""
    knots, widths = array(path), np.broadcast_to(array(radii), len(array(path)))
    pieces = zip(knots[:-1], knots[1:], widths[:-1], widths[1:], strict=True)
    return union(*(capsule(points, a, b, float(r), float(q)) for a, b, r, q in pieces))


def polygon(points: Array, corners: Sequence[tuple[float, float]]) -> Array:
    """A polygon in the plane: points (N, 2), its corners in order."""
    across, up = np.ascontiguousarray(points.T)
    nearest = np.full(len(points), np.inf, np.float32)  # squared
    inside = np.zeros(len(points), bool)
    for (x, y), (end_x, end_y) in zip(corners, (*corners[1:], corners[0]), strict=True):
        dx, dy = np.float32(end_x - x), np.float32(end_y - y)
        u, v = across - np.float32(x), up - np.float32(y)
        share = np.clip((u * dx + v * dy) / (dx * dx + dy * dy), 0, 1)
        nearest = np.minimum(nearest, (u - share * dx) ** 2 + (v - share * dy) ** 2)
        # A ray to the right meets the edge where it spans the height and lies beyond the point.
        inside ^= ((v >= 0) != (v >= dy)) & ((dx * v > dy * u) == (dy > 0))
    return array(np.where(inside, -np.sqrt(nearest), np.sqrt(nearest)))


def union(*distances: Array) -> Array:
    """All shapes together."""
    merged: Array = np.minimum.reduce(distances)
    return merged


def smooth_union(first: Array, second: Array, radius: float) -> Array:
    """Two shapes, their seam filled to about `radius`."""
    share = np.clip(0.5 + 0.5 * (second - first) / np.float32(radius), 0, 1)
    merged: Array = second + (first - second) * share - np.float32(radius) * share * (1 - share)
    return merged


def smooth_subtract(body: Array, cut: Array, radius: float) -> Array:
    """`body` without `cut`, the rim rounded to about `radius`."""
    return -smooth_union(-body, cut, radius)


def rotated(points: Array, rotation: Array, centre: ArrayLike = (0, 0, 0)) -> Array:
    """The points as a shape sees them that is turned by `rotation` (3, 3) about `centre`."""
    pivot = array(centre)
    return array((points - pivot) @ rotation + pivot)


def turn(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> Array:
    """Rotation (3, 3) in degrees: yaw about z, then pitch about x, then roll about y."""
    a, b, c = np.deg2rad((yaw, pitch, roll))
    about_z = [[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]]
    about_x = [[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]]
    about_y = [[np.cos(c), 0, np.sin(c)], [0, 1, 0], [-np.sin(c), 0, np.cos(c)]]
    rotation = np.asarray(about_z) @ np.asarray(about_x) @ np.asarray(about_y)
    return array(rotation)
