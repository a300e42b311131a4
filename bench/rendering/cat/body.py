"""What is below and about a cat's head: chest, collar, whiskers."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.cat.head import muzzle_tip
from bench.rendering.category import Factors
from bench.rendering.distance import capsule, ellipsoid, smooth_union
from bench.rendering.pattern import noise
from bench.rendering.sheet import doubled, joined, rope
from bench.rendering.surface import Mesh, surface

STEP = 0.075
NECK = (0.0, 0.3, -0.95)  # where a collar sits
FLOOR = -2.2  # below the picture


def torso(factors: Factors) -> Mesh:
    """Neck, chest and shoulders, yet without colours."""
    fluff = factors["cheek_fluff"]

    def distance(points: Array) -> Array:
        neck = capsule(points, (0, 0.25, -0.3), (0, 0.45, -1.3), 0.62, 0.78)
        chest = ellipsoid(points, (0, 0.5, -2.0), (0.98, 0.92, 1.0))
        shoulder = ellipsoid(points, (0.62, 0.75, -1.95), (0.62, 0.75, 0.85))
        shape = smooth_union(smooth_union(neck, chest, 0.3), shoulder, 0.25)
        ruffle = noise(points, (5, 5, 3.5), 11, 2)
        return array(shape - (0.06 + 0.1 * fluff) * ruffle)

    low, high = (0, -0.75, FLOOR), (1.65, 1.7, 0.4)
    return doubled(surface(distance, (1, 1, 1), low, high, STEP), axis=0)


def collar(factors: Factors) -> Mesh:
    """A band about the neck that hangs a little to the front."""
    angle = np.linspace(0, 2 * np.pi, 49, dtype=np.float32)
    swell = 0.76 + 0.075 * factors["cheek_fluff"]
    drop = 0.17 * np.cos(angle)
    ring = np.stack((swell * np.sin(angle), -swell * np.cos(angle), -drop), -1)
    return rope(array(ring + array(NECK)), 0.075, factors["collar_colour"], sides=8)


def bell_place(factors: Factors) -> tuple[float, float, float]:
    """Centre of the bell, at the front of the collar."""
    return (0.0, NECK[1] - 0.86 - 0.075 * float(factors["cheek_fluff"]), NECK[2] - 0.28)


def whiskers(factors: Factors) -> Mesh:
    """Four a side from the pads, two a side from the brows, each a drooping curve."""
    tip, reach = muzzle_tip(factors), factors["whisker_length"]
    share = np.linspace(0, 1, 9, dtype=np.float32)[:, None]
    hairs = []
    for side in (-1, 1):
        for rank in range(4):
            root = array((0.26 * side, tip + 0.1, -0.3 - 0.055 * rank))
            away = array((side, -0.12 + 0.06 * rank, 0.3 - 0.22 * rank)) * (
                reach * (1 - 0.08 * rank)
            )
            sag = array((0, 0.25, -0.28)) * share**2
            path = root + away * share + sag
            hairs.append(rope(path, (0.013 * (1 - 0.75 * share))[:, 0], (0.97, 0.96, 0.94), 4))
        for rank in range(2):
            root = array(((0.3 + 0.1 * rank) * side, -0.82, 0.36))
            away = array((0.3 * side * (1 + rank), -0.2, 0.5)) * (0.6 * reach)
            path = root + away * share + array((0, 0.2, -0.1)) * share**2
            hairs.append(rope(path, (0.01 * (1 - 0.75 * share))[:, 0], (0.97, 0.96, 0.94), 4))
    return joined(*hairs)
