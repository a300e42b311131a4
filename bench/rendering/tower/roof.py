"""Roofs: a profile turned along the plan, or a parapet with merlons."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.pattern import noise, smoothstep
from bench.rendering.surface import Mesh
from bench.rendering.tower.plan import Plan, plan_of
from bench.rendering.tower.wall import HEIGHT, width_at

EAVES = 0.3  # beyond the wall
CORBEL = 0.16
# Half width (1 at the eaves) by height (1 at the tip), at the usual height of the roof.
PROFILES: Mapping[str, tuple[float, tuple[tuple[float, float], ...]]] = {
    "cone": (2.9, ((1, 0), (0.86, 0.09), (0.55, 0.4), (0.27, 0.7), (0, 1))),
    "pyramid": (1.5, ((1.12, 0), (0.9, 0.15), (0.45, 0.6), (0, 1))),
    "dome": (1.7, ((0.95, 0), (0.97, 0.2), (0.88, 0.45), (0.68, 0.7), (0.38, 0.9), (0, 1))),
    "onion": (
        2.5,
        ((0.8, 0), (1.0, 0.13), (1.05, 0.26), (0.86, 0.44), (0.45, 0.6), (0.16, 0.75), (0, 1)),
    ),
}
ROWS = 56
MERLONS = {"round": 12, "square": 12, "octagonal": 16}


def roof_height(factors: Factors) -> float:
    """From the top of the walls to the tip."""
    if factors["roof"] == "crenellated":
        return 0.9
    return float(PROFILES[factors["roof"]][0] * factors["roof_height"])


def roof(factors: Factors) -> Mesh:
    """What covers the tower."""
    if factors["roof"] == "crenellated":
        return parapet(plan_of(factors["plan"], 240), factors)
    plan = plan_of(factors["plan"], 120)
    knots = array(PROFILES[factors["roof"]][1])
    share = np.linspace(0, 1, ROWS, dtype=np.float32)
    way = np.linspace(0, 1, len(knots), dtype=np.float32)
    out, up = (smooth_curve(share, way, knots[:, axis]) for axis in (0, 1))
    half = float(width_at(HEIGHT, factors)) + CORBEL + EAVES
    z = HEIGHT + up * roof_height(factors)
    radius = np.concatenate(([0.9 * half * out[0]], half * np.maximum(out, 0.0)))
    z = np.concatenate(([HEIGHT - 0.05], z))
    return plan.sheet(radius[:, None], z[:, None], tiles(plan, z, factors))


def smooth_curve(at: Array, knots: Array, values: Array) -> Array:
    """Values between knots without kinks: straight lines, averaged over a knot's half distance."""
    fine = np.linspace(0, 1, 401)
    line = np.interp(fine, knots, values)
    reach = int(200 / (len(knots) - 1)) | 1
    padded = np.pad(line, reach // 2, mode="reflect", reflect_type="odd")
    even = np.convolve(padded, np.ones(reach) / reach, mode="valid")
    return array(np.interp(at, fine, even))


def tiles(plan: Plan, z: Array, factors: Factors) -> Array:
    """Colours of rows of tiles (R, C, 3); ribs on domes and onions."""
    around = np.broadcast_to(plan.angle, (len(z), len(plan.angle)))
    height = np.broadcast_to(z[:, None], around.shape)
    row = np.floor(height / 0.26)
    table = np.random.default_rng(factors["wall_seed"] + 3).random((64, 64), np.float32)
    number = np.floor(around * 26 / (2 * np.pi) + 0.5 * (row % 2)).astype(int)
    tone = table[row.astype(int) % 64, number % 64]
    shadow = smoothstep(0.35, 0.0, height / 0.26 - row)
    shade = 0.78 + 0.34 * tone - 0.28 * shadow
    if factors["roof"] in ("dome", "onion"):
        ribs = np.abs(np.sin(4 * around))
        weather = noise(np.stack((around * 2, height), -1), 1.5, factors["wall_seed"], 2)
        shade = 0.62 + 0.3 * ribs**0.5 + 0.3 * weather
    colours = array(factors["roof_colour"]) * array(shade)[..., None]
    eaves = (np.arange(len(z)) < 2).astype(np.float32)[:, None] * np.ones_like(around)
    return mix(colours, factors["trim_colour"], 0.8 * eaves)


def parapet(plan: Plan, factors: Factors) -> Mesh:
    """A wall around the flat roof, merlons and gaps in turn, and the roof itself."""
    half = float(width_at(HEIGHT, factors)) + CORBEL + 0.05
    number = MERLONS[factors["plan"]]
    along = plan.around / plan.length * number
    merlon = smoothstep(0.27, 0.23, np.abs(along - np.round(along)))
    top = HEIGHT + 0.38 + 0.5 * merlon
    flat = np.ones_like(top)
    rows = [
        (half - 0.15, (HEIGHT - 0.1) * flat),
        (half, HEIGHT * flat),
        (half, HEIGHT + 0.3 * flat),
        (half, top),
        (half - 0.03, top + 0.02),
        (half - 0.25, top + 0.02),
        (half - 0.27, top),
        (half - 0.27, HEIGHT + 0.2 * flat),
        (0.0, HEIGHT + 0.2 * flat),
    ]
    radius = array([r for r, _ in rows])[:, None]
    z = np.stack([height for _, height in rows])
    tone = noise(np.stack((np.broadcast_to(along, z.shape), z), -1), 1.5, factors["wall_seed"])
    colour = factors["wall_colour" if factors["wall"] in ("brick", "stone") else "trim_colour"]
    return plan.sheet(radius, z, array(colour) * (0.82 + 0.3 * tone)[..., None])
