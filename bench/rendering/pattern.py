"""Patterns for coats, walls, fabrics and skies: smooth noise in space, and what is made of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bench.rendering.arrays import Array, array

TABLE = 32  # cells of the noise until it repeats


def noise(points: Array, scale: ArrayLike, seed: int, octaves: int = 1) -> Array:
    """Smooth noise in [0, 1] at points (..., 3) or (..., 2): `scale` bumps to a unit of length.

    Value noise on a lattice with cubic interpolation; each octave has twice the bumps at half the
    strength.
    """
    dimensions = points.shape[-1]
    total, weight = np.zeros(points.shape[:-1], np.float32), 0.0
    for octave in range(octaves):
        table = np.random.default_rng((seed, octave)).random((TABLE,) * dimensions, np.float32)
        strength = 0.5**octave
        total += np.float32(strength) * sample(table, points * array(scale) * 2**octave)
        weight += strength
    return total / np.float32(weight)


def sample(table: Array, at: Array) -> Array:
    """Interpolated values of a lattice that repeats for ever."""
    low = np.floor(at)
    share = at - low
    share = share * share * (3 - 2 * share)
    low = low.astype(np.int64)
    value = np.zeros(at.shape[:-1], np.float32)
    for corner in np.ndindex(*(2,) * at.shape[-1]):
        index = tuple((low[..., i] + c) % TABLE for i, c in enumerate(corner))
        weight = np.ones(at.shape[:-1], np.float32)
        for i, c in enumerate(corner):
            weight = weight * (share[..., i] if c else 1 - share[..., i])
        value += weight * table[index]
    return value


def plane(width: int, height: int) -> Array:
    """Points (H, W, 2) of a picture: x from 0 to its aspect, y from 0 at the bottom to 1."""
    x = (np.arange(width, dtype=np.float32) + 0.5) / height
    y = 1 - (np.arange(height, dtype=np.float32) + 0.5) / height
    return np.stack(np.meshgrid(x, y), -1)


def smoothstep(low: float, high: float, value: ArrayLike) -> Array:
    """0 below `low`, 1 above `high`, smooth between; falls where `high` is the lower."""
    share = np.clip((array(value) - low) / (high - low), 0, 1)
    smooth: Array = share * share * (3 - 2 * share)
    return smooth
