"""Neck, shoulders and what they wear."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.colour import mix
from bench.rendering.distance import capsule, ellipsoid, length, smooth_union
from bench.rendering.face.head import Head
from bench.rendering.pattern import noise, smoothstep
from bench.rendering.surface import Mesh, surface

STEP = 0.05
NECK = 0.33  # its radius
BASE = (0.0, 0.20, -1.30)  # where the neck enters the clothes


def neck(head: Head, base: Array) -> Mesh:
    """From inside the head, wherever it is turned to, down to `base` in the clothes."""
    top = array([0, 0.14, -0.45])

    def distance(points: Array) -> Array:
        return capsule(points, top, base, NECK - 0.02, NECK)

    low, high = np.minimum(top, base) - NECK - 0.1, np.maximum(top, base) + NECK
    colour = array(head.factors["skin_colour"]) * np.float32(0.95)
    return surface(distance, colour, low, high, 0.06)


def clothes(head: Head) -> Mesh:
    """Shoulders, with the collar of the garment."""
    kind = head.factors["clothing"]

    def distance(points: Array) -> Array:
        torso = ellipsoid(points, (0, 0.30, -2.12), (1.42, 0.62, 0.96))
        return smooth_union(torso, collar(points, kind), 0.05)

    def colour(points: Array, _: Array) -> Array:
        return dyed(head, points)

    return surface(distance, colour, (-1.6, -0.5, -1.75), (1.6, 0.75, -0.85), STEP)


def collar(points: Array, kind: str) -> Array:
    """A ribbed ring (crew), a high roll (turtleneck), or a stand with a notch (shirt)."""
    offset = points - array(BASE)
    # Collars lean: lower in front.
    height = offset[:, 2] - 0.22 * offset[:, 1] - 0.02
    around = length(offset[:, :2])
    if kind == "crew":
        return array(np.hypot(around - NECK - 0.04, height) - 0.07)
    tall, thick = (0.17, 0.07) if kind == "turtleneck" else (0.12, 0.05)
    flare = NECK + 0.05 + (0.25 * np.maximum(0.08 - height, 0) if kind == "shirt" else 0)
    wall = np.hypot(around - flare, np.maximum(np.abs(height) - tall, 0)) - thick
    if kind == "shirt":
        notch = 0.10 + 0.6 * height - np.abs(offset[:, 0])
        wall = np.where(offset[:, 1] < 0, np.maximum(wall, notch), wall)
    return array(wall)


def dyed(head: Head, points: Array) -> Array:
    """The cloth's colour and pattern."""
    f = head.factors
    base = array(f["clothing_colour"])
    other = array(mix(base, (0.97, 0.94, 0.88), 0.7) if base.mean() < 0.6 else base * 0.45)
    weave = 0.9 + 0.2 * noise(points, 14.0, seed=8)
    if f["clothing_pattern"] == "stripes":
        share = smoothstep(-0.3, 0.3, np.sin(26 * points[:, 2] + 3 * points[:, 0] ** 2))
    elif f["clothing_pattern"] == "dots":
        x, z = 15 * points[:, 0], 15 * points[:, 2]
        share = smoothstep(0.3, 0.7, np.sin(x) * np.sin(z))
    else:
        share = np.zeros(len(points), np.float32)
    return array(mix(base, other, share) * weave[:, None])
