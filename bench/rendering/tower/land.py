"""The land about a tower: its ground, and what stands there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.category import Factors
from bench.rendering.colour import Rgb, mix
from bench.rendering.distance import length
from bench.rendering.pattern import noise, smoothstep
from bench.rendering.sheet import joined, sheet
from bench.rendering.surface import Mesh
from bench.rendering.tower.houses import house
from bench.rendering.tower.plants import SNOW, fir, leafy
from bench.rendering.tower.sky import mood_of

EDGE = 600.0
COURT = 2.6  # flat ground about the tower
SEA_LEVEL = -0.9
PAVING: Rgb = (0.64, 0.60, 0.54)
PATH: Rgb = (0.74, 0.66, 0.53)
GROUNDS: Mapping[str, Rgb] = {
    "meadow": (0.42, 0.58, 0.24),
    "hills": (0.50, 0.58, 0.29),
    "town": (0.47, 0.55, 0.30),
    "sea": (0.55, 0.55, 0.38),
    "trees": (0.33, 0.45, 0.22),
    "snow": SNOW,
}
GREENS: tuple[Rgb, ...] = (
    (0.22, 0.42, 0.20),
    (0.36, 0.52, 0.20),
    (0.16, 0.34, 0.24),
    (0.62, 0.55, 0.20),
    (0.66, 0.38, 0.16),
)
HOUSES: tuple[Rgb, ...] = (
    (0.92, 0.88, 0.80),
    (0.88, 0.74, 0.52),
    (0.80, 0.56, 0.46),
    (0.66, 0.72, 0.74),
)
TILES: tuple[Rgb, ...] = ((0.66, 0.31, 0.21), (0.55, 0.30, 0.24), (0.36, 0.37, 0.42))
# How many trees and houses, and the nearest and farthest they stand.
STANDING: Mapping[str, tuple[int, int, float, float]] = {
    "meadow": (9, 0, 4.0, 22.0),
    "hills": (10, 2, 5.0, 26.0),
    "town": (8, 30, 4.6, 20.0),
    "sea": (3, 0, 3.2, 4.4),
    "trees": (44, 0, 3.4, 20.0),
    "snow": (20, 2, 3.8, 22.0),
}


def height_at(at: Array, factors: Factors) -> Array:
    """Height of the ground at (..., 2): flat about the tower."""
    kind, seed = factors["surroundings"], factors["surroundings_seed"]
    away = np.sqrt((at * at).sum(-1))
    free = smoothstep(COURT, 12.0, away)
    if kind == "sea":
        ragged = 1.6 * (noise(at, 0.35, seed, 2) - 0.5)
        return array(-2.2 * smoothstep(2.8, 6.5, away + ragged))
    steep = {"hills": 11.0, "snow": 9.0, "meadow": 2.5, "trees": 6.0, "town": 4.0}[kind]
    rolling = noise(at, 0.055, seed, 2) - 0.25
    far = 26.0 * smoothstep(70, 170, away) * smoothstep(0.35, 0.8, noise(at, 0.013, seed + 4, 3))
    low = steep * rolling * free * smoothstep(0, 40, away + 14) - 0.1 * free
    return array(low + far * (kind in ("hills", "snow", "trees")))


def ground(factors: Factors) -> Mesh:
    """The ground as rings about the tower, wider with the distance."""
    radius = np.geomspace(0.6, EDGE, 90, dtype=np.float32)[:, None]
    angle = -np.linspace(0, 2 * np.pi, 121, dtype=np.float32)[None]
    at = np.stack((radius * np.cos(angle), radius * np.sin(angle)), -1)
    z = height_at(at, factors)
    kind, seed = factors["surroundings"], factors["surroundings_seed"]
    flowers = GROUNDS[kind] if kind in ("town", "sea", "snow") else (0.94, 0.86, 0.52)
    colours = speckled(at, array(GROUNDS[kind]), flowers, seed)
    if kind == "town":
        colours = mix(colours, speckled(at, array(PAVING), PAVING, seed), smoothstep(9, 5, radius))
    if kind == "snow":
        colours = mix(colours, SNOW, np.full(z.shape, 0.72, np.float32))
    if kind == "sea":
        colours = mix((0.52, 0.47, 0.40), colours, smoothstep(-0.5, -0.1, z))
    if kind != "snow":
        path = smoothstep(0.62, 0.45, np.abs(at[..., 0] + 0.25 * np.sin(0.7 * at[..., 1])))
        colours = mix(colours, PATH, path * (at[..., 1] < 0) * smoothstep(14, 9, radius))
    haze = smoothstep(12, 120, radius) * np.ones_like(z)
    # Halfway to grey: the sky lights it once more.
    pale = mix(mood_of(factors).horizon, (0.72, 0.74, 0.76), np.float32(0.5))
    colours = mix(colours, pale, 0.65 * haze)
    points = np.stack((at[..., 0], at[..., 1], z), -1)
    mesh = sheet(points[::-1], colours[::-1], closed=True)
    # Ridges far off bend within a cell: unless normals lean to the viewer they edge it in black.
    inwards = -mesh.vertices * array((1, 1, 0)) / length(mesh.vertices)[:, None]
    lean = smoothstep(40, 120, length(mesh.vertices))[:, None]
    normals = mesh.normals + 1.2 * lean * inwards
    return replace(mesh, normals=array(normals / length(array(normals))[:, None]))


def speckled(at: Array, colour: Array, flowers: Sequence[float], seed: int) -> Array:
    """Ground colours (..., 3) with tufts, and flowers here and there, both lost in the distance."""
    near = smoothstep(22, 5, np.linalg.norm(at, axis=-1))
    tufts = near * (noise(at, 1.6, seed, 3) - 0.5) + 0.6 * (noise(at, 0.14, seed + 2, 2) - 0.5)
    ground = colour * (1 + 0.55 * tufts[..., None])
    dots = near * smoothstep(0.72, 0.78, noise(at, 2.6, seed + 1))
    return mix(array(ground), flowers, 0.7 * dots)


def standing(factors: Factors) -> Mesh | None:
    """Trees and houses, none of them before the tower."""
    kind, seed = factors["surroundings"], factors["surroundings_seed"]
    generator = np.random.default_rng(seed)
    trees, houses, near, far = STANDING[kind]
    meshes = []
    for index in range(trees + houses):
        built = index < houses
        # Behind and beside only: 130 degrees on either side of the far side.
        angle = np.pi / 2 + np.deg2rad(generator.uniform(-130, 130))
        span = generator.uniform() ** 1.4
        away = near + (far - near) * span + (0.8 if built else 0.0)
        if np.sin(angle) < 0:
            away = max(away, near + 1.8)
        x, y = away * np.cos(angle), away * np.sin(angle)
        z = float(height_at(array((x, y)), factors)) - 0.05
        thing = home(generator) if built else tree(generator, kind, seed + index)
        a = generator.uniform(0, 2 * np.pi)
        turn = array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
        meshes.append(thing.moved(turn, (x, y, z)))
    return joined(*meshes) if meshes else None


def tree(generator: np.random.Generator, kind: str, seed: int) -> Mesh:
    """A tree that grows in such a place."""
    colour = GREENS[generator.integers(3 if kind in ("snow", "sea") else len(GREENS))]
    shade = tuple(float(c) * generator.uniform(0.85, 1.15) for c in colour)
    height = generator.uniform(1.6, 3.4) * (0.55 if kind == "sea" else 1.0)
    if kind == "snow" or generator.random() < 0.4:
        return fir(height * 1.2, shade, 0.7 * (kind == "snow"))
    return leafy(height, shade, seed)


def home(generator: np.random.Generator) -> Mesh:
    """A small house."""
    size = generator.uniform((0.8, 0.6, 0.8), (1.3, 0.85, 1.5))
    wall = HOUSES[generator.integers(len(HOUSES))]
    return house([float(s) for s in size], wall, TILES[generator.integers(len(TILES))])
