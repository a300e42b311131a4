"""Walls: masonry or timber laid along the plan, storeys told apart by cornices."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.pattern import noise, smoothstep
from bench.rendering.surface import Mesh
from bench.rendering.tower.plan import plan_of
from bench.rendering.tower.windows import bay_shift, doored, windowed

HEIGHT = 7.0
COLUMNS, ROWS = 168, 150  # half a pixel of a picture apart
MORTAR = (0.72, 0.69, 0.63)

Layer = tuple[Array, Array]  # colours (R, C, 3), relief outwards (R, C)


def width_at(z: Array | float, factors: Factors) -> Array:
    """Half width of the plan at a height: tapering, its foot spread."""
    height = array(z)
    straight = factors["width"] * (1 - factors["taper"] * height / HEIGHT)
    return array(straight + 0.35 * factors["base"] * np.exp(-height / 0.45))


def wall(factors: Factors) -> Mesh:
    """The walls from the ground to the roof."""
    plan = plan_of(factors["plan"], COLUMNS)
    z = np.linspace(0, HEIGHT, ROWS, dtype=np.float32)[:, None] * np.ones_like(plan.angle)
    length = girth(factors)
    across = np.broadcast_to(plan.around * (length / plan.length), z.shape)
    colours, relief = MATERIALS[factors["wall"]](across, z, factors)
    colours = stained(colours, across, z, factors)
    storey = HEIGHT / factors["storeys"]
    line = np.abs(z / storey - np.round(z / storey)) * storey
    cornice = smoothstep(0.13, 0.09, line) * (z > 0.5 * storey)
    corbel = smoothstep(HEIGHT - 0.5, HEIGHT - 0.2, z)
    foot = smoothstep(0.34, 0.28, z)
    colours = mix(colours, factors["trim_colour"], np.maximum.reduce([cornice, corbel, foot]))
    relief = relief + 0.07 * cornice + 0.16 * corbel + 0.07 * foot
    colours, relief = windowed(colours, relief, across, z, factors, length)
    colours, relief = doored(colours, relief, across, z, factors)
    return plan.sheet(width_at(z, factors) + relief, z, colours)


def girth(factors: Factors) -> float:
    """The way all around at half height, by which walls are measured."""
    middle = factors["width"] * (1 - 0.5 * factors["taper"])
    return float(plan_of(factors["plan"], 8).length * middle)


def stained(colours: Array, across: Array, z: Array, factors: Factors) -> Array:
    """Weather: broad blotches, damp at the foot."""
    at = np.stack((across, 0.6 * z), -1)
    blotches = noise(at, 0.9, factors["wall_seed"] + 1, 3) - 0.5
    damp = 0.2 * np.exp(-z / 0.7)
    return array(colours * (1 + 0.28 * blotches - damp)[..., None])


def courses(across: Array, z: Array, size: tuple[float, float], seed: int) -> Layer:
    """Blocks of a size (length, height) in courses: a tone each (R, C), and mortar (R, C)."""
    length, height = size
    row = np.floor(z / height)
    along = across / length + 0.5 * (row % 2)
    column = np.floor(along)
    table = np.random.default_rng(seed).random((64, 64), np.float32)
    tone = table[row.astype(int) % 64, column.astype(int) % 64]
    edge = np.minimum(
        np.minimum(along - column, 1 - along + column) * length,
        np.minimum(z / height - row, 1 - z / height + row) * height,
    )
    return tone, smoothstep(0.06, 0.02, edge)


def brick(across: Array, z: Array, factors: Factors) -> Layer:
    """Bricks larger than life: true ones would be less than a pixel."""
    tone, mortar = courses(across, z, (0.5, 0.25), factors["wall_seed"])
    colours = array(factors["wall_colour"]) * (0.72 + 0.5 * tone)[..., None]
    return mix(colours, MORTAR, 0.75 * mortar), array(-0.025 * mortar)


def stone(across: Array, z: Array, factors: Factors) -> Layer:
    """Rough blocks."""
    tone, mortar = courses(across, z, (0.78, 0.43), factors["wall_seed"])
    rough = noise(np.stack((across, z), -1), 3.0, factors["wall_seed"], 2)
    colours = array(factors["wall_colour"]) * (0.72 + 0.38 * tone + 0.16 * rough)[..., None]
    return mix(colours, array(factors["wall_colour"]) * 0.5, 0.8 * mortar), array(
        0.06 * tone - 0.05 * mortar
    )


def plaster(across: Array, z: Array, factors: Factors) -> Layer:
    """Paint on plaster, fallen off in places."""
    at = np.stack((across, z), -1)
    bare = smoothstep(0.71, 0.76, noise(at, 0.8, factors["wall_seed"], 2))
    colours, relief = brick(across, z, {**factors, "wall_colour": (0.62, 0.44, 0.36)})
    painted = array(factors["wall_colour"]) * np.ones_like(across)[..., None]
    return mix(painted, colours, bare), array(relief * bare - 0.03 * bare)


def wood(across: Array, z: Array, factors: Factors) -> Layer:
    """Upright boards."""
    tone, gap = courses(z + 40.0 * np.floor(across / 0.3), across, (9.0, 0.3), factors["wall_seed"])
    grain = noise(np.stack((across * 9, z * 0.9), -1), 1.0, factors["wall_seed"])
    colours = array(factors["wall_colour"]) * (0.72 + 0.36 * tone + 0.2 * grain)[..., None]
    return mix(colours, array(factors["wall_colour"]) * 0.35, 0.85 * gap), array(-0.04 * gap)


def timbered(across: Array, z: Array, factors: Factors) -> Layer:
    """Plaster between beams: posts, rails at sills and floors, braces between windows."""
    storey, bay = HEIGHT / factors["storeys"], girth(factors) / factors["windows_a_storey"]
    number = max(2, round(bay / 0.8))  # fields from a window to the next
    s, t = (across / bay - bay_shift(factors)) * number + 0.5, z / storey
    field = np.floor(s)
    post = np.abs(s - np.round(s)) * bay / number
    rail = np.minimum(np.abs(t - np.round(t)), np.abs(t - np.floor(t) - 0.2)) * storey
    lean = np.where(field % 2 == 0, s - field, 1 - s + field)
    brace = np.abs(lean - (t - np.floor(t))) * 0.6 + (field % number == 0)
    beam = smoothstep(0.1, 0.06, np.minimum(np.minimum(post, rail), brace))
    plain = array(factors["wall_colour"]) * np.ones_like(across)[..., None]
    return mix(plain, factors["trim_colour"], beam), array(0.05 * beam)


MATERIALS: Mapping[str, Callable[[Array, Array, Factors], Layer]] = {
    "brick": brick,
    "stone": stone,
    "plaster": plaster,
    "wood": wood,
    "timbered": timbered,
}
