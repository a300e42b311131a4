"""What a car stands on."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.material import glossy, matte, texture
from bench.rendering.pattern import TABLE, noise, plane, smoothstep
from bench.rendering.scene import Scene

SIZE = 256  # of textures, pixels
REACH = 60.0  # metres from the car to the ground's edge
TILE = 10.0  # metres until the ground repeats
# Dark and light of each ground, then lattice cells of its noise to a tile.
GROUNDS = {
    "asphalt": ((0.4, 0.4, 0.405), (0.55, 0.55, 0.54), 96),
    "wet": ((0.2, 0.21, 0.23), (0.42, 0.43, 0.45), 12),
    "gravel": ((0.38, 0.34, 0.3), (0.78, 0.73, 0.66), 64),
    "grass": ((0.2, 0.34, 0.12), (0.5, 0.66, 0.28), 64),
    "sand": ((0.66, 0.55, 0.39), (0.85, 0.75, 0.58), 32),
}


def ground(scene: Scene, factors: Factors) -> None:
    """Lays the ground, at z = 0."""
    kind = factors["ground"]
    if kind == "floor":
        shade = 0.82 * array(factors["backdrop_colour"]) + 0.06
        scene.shape("rectangle", glossy(shade), size=(REACH, REACH, 1))
        return
    tile = texture(picture(kind, factors["backdrop_seed"]), (2 * REACH / TILE,) * 2)
    scene.shape("rectangle", (glossy if kind == "wet" else matte)(tile), size=(REACH, REACH, 1))
    if kind in ("asphalt", "wet"):
        line = matte((0.86, 0.85, 0.8))
        for x in range(-24, 25, 6):
            scene.shape("rectangle", line, (x, 2.2, 0.01), (1.8, 0.09, 1))


def picture(kind: str, seed: int) -> Array:
    """A tile (SIZE, SIZE, 3) without seams: noise repeats every `TABLE` cells."""
    dark, light, cells = GROUNDS[kind]
    at = plane(SIZE, SIZE)
    fine = noise(at, cells, seed, octaves=2)
    coarse = noise(at, TABLE, seed + 1)
    if kind == "wet":
        # Puddles of a metre or two: the bumps of one in four lattice cells.
        puddles = noise(array(at / 4), TABLE, seed + 2, octaves=2)
        return mix(dark, light, smoothstep(0.4, 0.7, puddles))
    return mix(dark, light, np.clip(1.6 * (0.65 * fine + 0.35 * coarse) - 0.3, 0, 1))
