"""Pictures laid on walls, floors and frames: arrays (H, W, 3) of sRGB, the top row above."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bench.rendering.arrays import Array, array
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.material import texture
from bench.rendering.pattern import noise, plane, smoothstep

DENSITY = 50  # pixels a metre
HIP = 1.05  # metres: panels reach up to here


def hung(picture: Array) -> dict[str, object]:
    """A picture as a texture: a rectangle's own coordinates begin below."""
    return texture(picture[::-1])


def wallpaper(factors: Factors, low: tuple[float, float], high: tuple[float, float]) -> Array:
    """The wall between two corners (along, up) in metres."""
    at = metres(low, high)
    along, up = at[..., 0], at[..., 1]
    kind, second = factors["wall"], factors["wall_second_colour"]
    share = np.zeros(along.shape, np.float32)
    if kind == "stripes":
        share = smoothstep(-0.3, 0.3, np.cos(2 * np.pi * along / 0.36))
    elif kind == "dots":
        row = np.floor(up / 0.22)
        across = (along / 0.3 + 0.5 * (row % 2)) % 1 - 0.5
        share = smoothstep(0.075, 0.045, np.hypot(across * 0.3, up % 0.22 - 0.11))
    elif kind == "panels":
        share = smoothstep(HIP + 0.01, HIP - 0.01, up)
    picture = mix(np.broadcast_to(array(factors["wall_colour"]), (*at.shape[:2], 3)), second, share)
    if kind == "panels":
        groove = smoothstep(0.03, 0.01, np.abs(along % 0.3 - 0.15)) * share
        rail = smoothstep(0.05, 0.03, np.abs(up - HIP))
        picture = mix(picture, 0.8 * picture, groove)
        picture = mix(picture, (0.95, 0.94, 0.91), rail)
    return picture * (0.97 + 0.05 * noise(at, 3, 1, octaves=3)[..., None])


def flooring(factors: Factors, low: tuple[float, float], high: tuple[float, float]) -> Array:
    """The floor between two corners (x, y) in metres."""
    at = metres(low, high)
    x, y = at[..., 0], at[..., 1]
    base = np.broadcast_to(array(factors["floor_colour"]), (*at.shape[:2], 3))
    if factors["floor"] == "carpet":
        return base * (0.82 + 0.3 * noise(at, 14, 2, octaves=2)[..., None])
    if factors["floor"] == "tiles":
        check = (np.floor(x / 0.5) + np.floor(y / 0.5)) % 2
        picture = mix(base, 0.62 * base, check)
        joint = np.minimum(np.abs(x % 0.5 - 0.25), np.abs(y % 0.5 - 0.25))
        return mix(picture, 0.75 * base + 0.12, np.where(joint > 0.24, 0.6, 0.0) * (joint > 0.235))
    plank = np.floor(x / 0.19)
    tone = noise(np.stack((plank * 7.31, np.floor(y / 1.3 + plank * 0.37) * 3.7), -1), 1, 3)
    grain = noise(at * array((14, 1.2)), 1, 4, octaves=2)
    picture = base * (0.72 + 0.32 * tone + 0.2 * grain)[..., None]
    return mix(picture, 0.45 * picture, smoothstep(0.02, 0.008, x % 0.19))


def rug(colour: ArrayLike) -> Array:
    """A rug with a border and a field within."""
    at = plane(64, 64) * 2 - 1
    edge = np.abs(at).max(-1)
    light = 0.45 * array(colour) + 0.5
    base = np.broadcast_to(array(colour), (*at.shape[:2], 3))
    ring = smoothstep(0.06, 0.03, np.abs(edge - 0.78)) + 0.8 * smoothstep(
        0.1, 0.07, np.abs(edge - 0.4)
    )
    picture = mix(base, light, np.clip(ring, 0, 1))
    return picture * (0.88 + 0.2 * noise(at + 1, 14, 6, octaves=2)[..., None])


def painting(seed: int) -> Array:
    """Hills under a sun, in whatever colours."""
    random = np.random.default_rng(seed)
    at = plane(32, 32)
    picture = mix(0.5 + 0.45 * random.random(3), 0.4 + 0.55 * random.random(3), at[..., 1])
    sun = np.hypot(*(np.moveaxis(at, -1, 0) - random.uniform(0.3, 0.75, (2, 1, 1))))
    picture = mix(picture, random.random(3) * (0.3, 0.5, 0.6) + (0.7, 0.4, 0.1), sun < 0.17)
    for height in (0.5, 0.3):
        ridge = height + 0.14 * np.sin(random.uniform(4, 9) * at[..., 0] + random.uniform(0, 6))
        picture = mix(picture, random.uniform(0.1, 0.7, 3), at[..., 1] < ridge)
    return picture


def metres(low: tuple[float, float], high: tuple[float, float]) -> Array:
    """Points (H, W, 2) between two corners."""
    size = array(high) - array(low)
    width, height = (max(int(s * DENSITY), 2) for s in size)
    return plane(width, height) * array((height / width * size[0], size[1])) + array(low)
