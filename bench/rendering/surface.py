"""Meshes of signed distances, by marching cubes, with a colour at every vertex."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from skimage.measure import marching_cubes

from bench.rendering.arrays import Array, array
from bench.rendering.distance import Distance

BLOCK = 8
# Ellipsoids and smooth unions give bounds, not distances: blocks are kept this much more readily.
CAUTION = 1.6


@dataclass(frozen=True)
class Mesh:
    """Triangles with vertex normals and vertex colours (sRGB)."""

    vertices: Array  # (V, 3)
    faces: NDArray[np.uint32]  # (F, 3), counter-clockwise seen from outside
    normals: Array  # (V, 3), outwards
    colours: Array  # (V, 3)

    def moved(self, rotation: Array, offset: ArrayLike = (0, 0, 0)) -> Mesh:
        """The mesh turned about the origin by `rotation` (3, 3), then shifted."""
        vertices = self.vertices @ rotation.T + array(offset)
        return Mesh(vertices, self.faces, self.normals @ rotation.T, self.colours)


def surface(
    distance: Distance,
    colour: Callable[[Array, Array], ArrayLike] | ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    step: float,
) -> Mesh:
    """The surface of `distance` within the box from `low` to `high`, at a grid of `step`.

    `colour` is one sRGB colour, or a function of vertices (V, 3) and normals (V, 3). The distance
    is evaluated near the surface alone. Raises `ValueError` where there is none in the box.
    """
    corner = array(low)
    blocks = np.ceil((array(high) - corner) / (BLOCK * step)).astype(int)
    counts = blocks * BLOCK
    centres = grid(blocks) * np.float32(BLOCK * step) + corner + np.float32(BLOCK * step / 2)
    at_centres = distance(centres.reshape(-1, 3)).reshape(blocks)
    reach = CAUTION * (BLOCK / 2 + 1) * step * 3**0.5
    near = np.abs(at_centres) < reach
    values = blown_up(at_centres)
    inside = blown_up(near)
    points = grid(counts)[inside] * np.float32(step) + corner
    values[inside] = distance(points)
    vertices, faces, normals, _ = marching_cubes(  # type: ignore[no-untyped-call]
        values, 0.0, spacing=(step, step, step), gradient_direction="descent"
    )
    vertices = (vertices + corner).astype(np.float32)
    normals = -normals.astype(np.float32)  # they point against the gradient
    if callable(colour):
        colours = array(colour(vertices, normals))
    else:
        colours = np.broadcast_to(array(colour), vertices.shape)
    return Mesh(vertices, faces.astype(np.uint32), normals, np.clip(colours, 0, 1))


def grid(counts: NDArray[np.int_]) -> Array:
    """Indices (X, Y, Z, 3) of a grid."""
    axes = [np.arange(count, dtype=np.float32) for count in counts]
    return np.stack(np.meshgrid(*axes, indexing="ij"), -1)


def blown_up(blocks: NDArray[Any]) -> NDArray[Any]:
    """A value a block to a value a point."""
    for axis in range(3):
        blocks = blocks.repeat(BLOCK, axis=axis)
    return blocks
