"""What is behind a car: studio wall, houses, hills, trees, the sea."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.material import glossy, matte, texture
from bench.rendering.scene import Scene

HAZE = (0.74, 0.8, 0.86)


def studio(scene: Scene, factors: Factors) -> None:
    """A wall in one colour, its foot swept into the floor."""
    wall = matte(factors["backdrop_colour"])
    scene.shape("rectangle", wall, (0, 7, 0), (30, 12, 1), (90, 0, 0))


def street(scene: Scene, factors: Factors) -> None:
    """A row of houses behind a pavement."""
    random = np.random.default_rng(factors["backdrop_seed"])
    scene.shape("cube", matte((0.62, 0.6, 0.57)), (0, 9.1, 0.02), (60, 3.0, 0.1))
    x = -16.0 - 3 * random.random()
    while x < 16:
        half, height = random.uniform(1.8, 3.2), random.uniform(4.5, 9)
        shade = array(factors["backdrop_colour"]) * random.uniform(0.72, 1.12)
        shade = np.clip(mix(shade, random.random(3), 0.18), 0, 0.95)
        storeys, columns = max(int(height / 1.9), 2), max(int(half / 0.75), 2)
        front = matte(texture(facade(shade, random)[::-1], (columns, storeys)))
        at = x + half, 9.5 + random.uniform(0, 0.5), height / 2
        scene.shape("cube", matte(shade), (at[0], at[1] + 2, at[2]), (half, 2, height / 2))
        scene.shape(
            "rectangle", front, (at[0], at[1] - 0.01, at[2]), (half, height / 2, 1), (90, 0, 0)
        )
        x += 2 * half + (0.0 if random.random() < 0.75 else 1.2)


def facade(shade: Array, random: np.random.Generator) -> Array:
    """One window of a house front (24, 16, 3)."""
    tile = np.broadcast_to(array(shade), (24, 16, 3)).copy()
    tile[4:20, 4:12] = np.clip(array(shade) + 0.18, 0, 0.95)
    tile[5:19, 5:11] = mix((0.16, 0.2, 0.26), (0.5, 0.58, 0.66), random.random())
    tile[20:21, 3:13] = array(shade) * 0.6
    return tile


def hills(scene: Scene, factors: Factors) -> None:
    """Rounded hills, hazier with distance."""
    random = np.random.default_rng(factors["backdrop_seed"])
    for distance, count in ((60.0, 6), (42.0, 5), (28.0, 5)):
        share = (distance - 20) / 60
        for index in range(count):
            shade = mix(factors["backdrop_colour"], HAZE, share)
            shade = np.clip(shade * random.uniform(0.85, 1.12), 0, 1)
            x = (index - (count - 1) / 2 + random.uniform(-0.3, 0.3)) * distance * 0.3
            radius, rise = (
                distance * random.uniform(0.22, 0.5),
                distance * random.uniform(0.05, 0.15),
            )
            scene.shape("sphere", matte(shade), (x, distance + radius, rise - radius), radius)


def trees(scene: Scene, factors: Factors) -> None:
    """The edge of a wood: round trees, a darker row behind."""
    random = np.random.default_rng(factors["backdrop_seed"])
    bark = matte((0.36, 0.26, 0.19))
    for index in range(11):
        shade = np.clip(array(factors["backdrop_colour"]) * random.uniform(0.55, 0.8), 0, 1)
        x, radius = (index - 5) * 2.6 + random.uniform(-0.5, 0.5), random.uniform(2.2, 3.0)
        scene.shape("sphere", matte(shade), (x, 19, random.uniform(0.5, 2.2)), radius)
    for index in range(9):
        x, y = (index - 4) * 2.3 + random.uniform(-0.9, 0.9), random.uniform(8, 14)
        tall = random.uniform(2.0, 3.6)
        scene.shape("cylinder", bark, (x, y, 0), (0.16, 0.16, tall))
        for _ in range(5):
            shade = array(factors["backdrop_colour"]) * random.uniform(0.75, 1.35)
            shade = mix(shade, (0.75, 0.62, 0.25), random.uniform(0, 0.2))
            offset = random.uniform(-1, 1, 3) * (0.8, 0.6, 0.7)
            at = [float(c) for c in array((x, y, tall)) + offset]
            scene.shape("sphere", matte(np.clip(shade, 0, 1)), at, random.uniform(0.6, 1.1))


def beach(scene: Scene, factors: Factors) -> None:
    """Sea to the horizon, lines of foam, rocks at one side."""
    random = np.random.default_rng(factors["backdrop_seed"])
    sea = factors["backdrop_colour"]
    scene.shape("rectangle", glossy(sea), (0, 66, 0.02), (120, 59, 1))
    foam = matte((0.95, 0.96, 0.95))
    for y, half in ((7.0, 0.16), (9.2, 0.1), (12.5, 0.1)):
        for index in range(9):
            x = (index - 4) * 3.2 + random.uniform(-1, 1)
            size = random.uniform(1.0, 2.2), half * random.uniform(0.6, 1.4), 1
            scene.shape("disk", foam, (x, y + random.uniform(-0.2, 0.2), 0.05), size)
    side = -1 if random.random() < 0.5 else 1
    rock = matte((0.5, 0.45, 0.4))
    for index in range(5):
        radius = random.uniform(1.2, 2.6)
        at = (
            side * (4.5 + 1.7 * index + random.uniform(0, 1)),
            16 + random.uniform(0, 4),
            -0.5 * radius,
        )
        scene.shape("sphere", rock, at, radius)


BACKDROPS: Mapping[str, Callable[[Scene, Factors], None]] = {
    "studio": studio,
    "street": street,
    "hills": hills,
    "trees": trees,
    "beach": beach,
}
