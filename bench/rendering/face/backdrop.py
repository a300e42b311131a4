"""What hangs behind the sitter: pictures (SIDE, SIDE, 3), out of focus as a portrait has them."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from bench.rendering.arrays import Array, array
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.pattern import noise, plane, smoothstep

SIDE = 160


def backdrop(factors: Factors) -> Array:
    """The backdrop that the factors name."""
    kinds = {
        "plaster": plaster,
        "curtain": curtain,
        "wallpaper": wallpaper,
        "garden": garden,
        "sky": sky,
    }
    picture = kinds[factors["backdrop"]](
        array(factors["backdrop_colour"]), int(factors["backdrop_seed"])
    )
    return array(np.clip(picture[::-1], 0, 1))


def plaster(colour: Array, seed: int) -> Array:
    """A wall, brushed and clouded."""
    at = plane(SIDE, SIDE)
    clouds = noise(at, 3.0, seed, octaves=4) - 0.5
    brush = noise(at, (9.0, 40.0), seed + 1, octaves=2) - 0.5
    return array(colour * (1 + 0.40 * clouds + 0.16 * brush)[..., None])


def curtain(colour: Array, seed: int) -> Array:
    """Folds that hang, uneven, deeper in colour between."""
    at = plane(SIDE, SIDE)
    drift = noise(at, (2.5, 0.7), seed, octaves=2)
    folds = 0.5 + 0.5 * np.sin(42 * at[..., 0] + 9 * drift)
    return mix(colour**2 * 0.6, colour, 0.15 + 0.85 * folds)


def wallpaper(colour: Array, seed: int) -> Array:
    """Stripes, lozenges or dots in two tones."""
    at = plane(SIDE, SIDE)
    x, z = 2 * np.pi * 7 * at[..., 0], 2 * np.pi * 7 * at[..., 1]
    kind = seed % 3
    figure = (np.sin(x), np.sin(x) * np.sin(z) * 1.6, np.sin(x + z) * np.sin(x - z) * 1.6)[kind]
    share = smoothstep(-0.25, 0.25, figure - (0.4 if kind else 0))
    return mix(colour, mix(colour * 0.72, (0.98, 0.96, 0.9), 0.25 if seed % 2 else 0.6), share)


def garden(colour: Array, seed: int) -> Array:
    """Leaves and flowers out of focus: discs of light over greens."""
    random = np.random.default_rng(seed)
    at = plane(SIDE, SIDE)
    depth = noise(at, 3.5, seed, octaves=3)
    picture = mix((0.16, 0.33, 0.18), (0.60, 0.74, 0.38), smoothstep(0.25, 0.75, depth))
    picture = mix(
        picture, (0.86, 0.90, 0.74), 0.7 * smoothstep(0.55, 1.1, at[..., 1] + depth - 0.5)
    )
    for index in range(26):
        centre, radius = random.random(2), random.uniform(0.02, 0.055)
        disc = smoothstep(radius, 0.75 * radius, np.hypot(*np.moveaxis(at - centre, -1, 0)))
        light = colour if index % 3 == 0 else array((0.80, 0.88, 0.50))
        picture = mix(picture, light, random.uniform(0.25, 0.6) * disc)
    return array(gaussian_filter(picture, (1.2, 1.2, 0)))


def sky(colour: Array, seed: int) -> Array:
    """Clouds, the horizon tinted."""
    at = plane(SIDE, SIDE)
    blue = mix(
        mix((0.86, 0.88, 0.86), colour, 0.5), (0.36, 0.58, 0.84), smoothstep(0.2, 0.9, at[..., 1])
    )
    clouds = noise(at, (3.0, 5.0), seed, octaves=4)
    return mix(blue, (0.98, 0.97, 0.95), 0.9 * smoothstep(0.48, 0.72, clouds))
