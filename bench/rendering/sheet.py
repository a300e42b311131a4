"""Meshes of curved sheets: rows and columns of points, such as ground, roofs, whiskers, cloth.

Far cheaper than marching cubes where a thing can be unrolled into a rectangle.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from bench.rendering.arrays import Array, array
from bench.rendering.distance import length
from bench.rendering.surface import Mesh

TINY = 1e-9
SEAM = 1e-5  # lengths taken for none


def sheet(points: Array, colours: ArrayLike, closed: bool = False) -> Mesh:
    """A mesh of points (R, C, 3); `colours` one sRGB colour or (R, C, 3).

    Normals point along (next row) x (next column). With `closed`, the last column repeats the
    first, and normals run on across the seam.
    """
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns, dtype=np.uint32).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    faces = np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))])
    around = np.concatenate((points[:, -2:-1], points, points[:, 1:2]), 1) if closed else points
    across = np.gradient(around, axis=1)
    across = across[:, 1:-1] if closed else across
    normals = np.cross(np.gradient(points, axis=0), across)
    for row, inner in ((0, 1), (-1, -2)):  # a pole has no columns to differ: its neighbour's mean
        if np.abs(normals[row]).max() < TINY:
            normals[row] = normals[inner].mean(0)
    normals = array(normals) / np.maximum(length(array(normals)), TINY)[..., None]
    dyed = np.clip(np.broadcast_to(array(colours), points.shape), 0, 1)
    return Mesh(
        array(points).reshape(-1, 3), faces, array(normals).reshape(-1, 3), dyed.reshape(-1, 3)
    )


def lathe(profile: Sequence[Sequence[float]], colours: ArrayLike, sides: int = 32) -> Mesh:
    """A profile of (radius, z), from the bottom up, turned about the z axis.

    `colours` is one colour, or (len(profile), sides + 1, 3).
    """
    shape = array(profile)
    angle = -np.linspace(0, 2 * np.pi, sides + 1, dtype=np.float32)
    x = shape[:, :1] * np.cos(angle)
    y = shape[:, :1] * np.sin(angle)
    return sheet(np.stack((x, y, np.broadcast_to(shape[:, 1:], x.shape)), -1), colours, closed=True)


def rope(path: Array, radii: ArrayLike, colour: ArrayLike, sides: int = 5) -> Mesh:
    """A round rope along points (N, 3), of one radius or (N,); open at its ends."""
    along = array(np.gradient(path, axis=0))
    along /= np.maximum(length(along), TINY)[:, None]
    aside = np.cross(along, (0.31, 0.17, 0.94))
    aside /= np.maximum(np.linalg.norm(aside, axis=-1, keepdims=True), TINY)
    other = np.cross(along, aside)
    angle = -np.linspace(0, 2 * np.pi, sides + 1)[None, :, None]
    ring = np.cos(angle) * aside[:, None] + np.sin(angle) * other[:, None]
    reach = np.broadcast_to(array(radii), (len(path),))[:, None, None]
    return sheet(array(path[:, None] + reach * ring), colour, closed=True)


def joined(*meshes: Mesh) -> Mesh:
    """Several meshes as one: a part less to load."""
    starts = np.cumsum([0, *(len(m.vertices) for m in meshes)])
    return Mesh(
        np.concatenate([m.vertices for m in meshes]),
        np.concatenate([m.faces + np.uint32(s) for m, s in zip(meshes, starts[:-1], strict=True)]),
        np.concatenate([m.normals for m in meshes]),
        np.concatenate([m.colours for m in meshes]),
    )


def doubled(half: Mesh, axis: int) -> Mesh:
    """A mesh that ends where `axis` (0, 1, 2) is 0, and its mirror image: half the work."""
    flip = np.ones(3, np.float32)
    flip[axis] = -1
    # Gradients at the seam are measured from one side only; by symmetry they lie in it.
    normals = half.normals.copy()
    normals[np.abs(half.vertices[:, axis]) < SEAM, axis] = 0
    normals /= np.maximum(length(normals)[:, None], SEAM)
    whole = Mesh(half.vertices, half.faces, normals, half.colours)
    image = Mesh(half.vertices * flip, half.faces[:, ::-1], normals * flip, half.colours)
    return joined(whole, image)
