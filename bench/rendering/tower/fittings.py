"""Gallery, clocks, finial and flag."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.pattern import smoothstep
from bench.rendering.sheet import joined, rope, sheet
from bench.rendering.surface import Mesh
from bench.rendering.tower.plan import APOTHEM, plan_of
from bench.rendering.tower.roof import roof_height
from bench.rendering.tower.wall import HEIGHT, width_at

DEPTH = 0.5  # of the gallery
RAIL = 0.48  # its height
POSTS = 24
CLOCK = 0.62  # radius
POLE = 1.5
MAST = (0.34, 0.27, 0.22)


def gallery(factors: Factors) -> Mesh:
    """A slab around the tower below its top storey, with posts and a rail."""
    z = HEIGHT * (1 - 1 / factors["storeys"])
    inner = float(width_at(z, factors))
    outer, plan = inner + DEPTH, plan_of(factors["plan"], 96)
    radius = array((inner, outer - 0.1, outer, outer, inner))[:, None]
    heights = array((z - 0.35, z - 0.12, z - 0.08, z, z))[:, None]
    slab = plan.sheet(radius, heights, factors["trim_colour"])
    edge = outer - 0.07
    ring = plan.reach * edge
    path = np.stack(
        (ring * np.sin(plan.angle), -ring * np.cos(plan.angle), np.full_like(ring, z + RAIL)), -1
    )
    rail = rope(array(path), 0.055, factors["trim_colour"], 6)
    posts = []
    for angle in np.linspace(0, 2 * np.pi, POSTS, endpoint=False):
        x, y = plan.place(float(angle), edge)
        posts.append(rope(array(((x, y, z), (x, y, z + RAIL))), 0.04, factors["trim_colour"], 4))
    return joined(slab, rail, *posts)


def clocks(factors: Factors) -> Mesh:
    """A dial on each of four sides, in the middle of the top storey."""
    storey = HEIGHT / factors["storeys"]
    z = HEIGHT - 0.5 * storey - 0.12
    half = float(width_at(z, factors))
    size = min(CLOCK, 0.36 * storey, 0.72 * half * APOTHEM[factors["plan"]])
    out = half * APOTHEM[factors["plan"]]
    flat = dial(size, factors)
    meshes = []
    for quarter in range(4):
        a = np.pi / 2 * quarter
        turn = array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
        meshes.append(flat.moved(turn, turn @ array((0, -out - 0.07, z))))
    return joined(*meshes)


def dial(size: float, factors: Factors) -> Mesh:
    """A clock's face towards -y about the origin, its rim thick enough to meet a wall."""
    share = np.concatenate((np.linspace(0, 1, 22), [1.03, 1.03])).astype(np.float32)[:, None]
    angle = np.linspace(0, 2 * np.pi, 73, dtype=np.float32)[None]
    x, z = size * share * np.sin(angle), size * share * np.cos(angle)
    depth = np.where(np.arange(24) == 23, 0.4, 0.0).astype(np.float32)[:, None]
    points = np.stack((x, np.broadcast_to(depth, x.shape), z), -1)
    white = np.broadcast_to(array((0.96, 0.94, 0.88)), points.shape)
    hours = np.abs(np.sin(6 * angle)) < 0.3
    marks = hours * smoothstep(0.7, 0.74, share) * smoothstep(0.88, 0.84, share)
    hour = 2 * np.pi * factors["clock_hour"] / 12
    hand = hand_at(x / size, z / size, hour, 0.5, 0.1)
    long_hand = hand_at(x / size, z / size, 12 * hour, 0.78, 0.07)
    rim = smoothstep(0.9, 0.93, share) * np.ones_like(x)
    dark = np.maximum.reduce([0.7 * marks, hand, long_hand, rim])
    return sheet(array(points[:, ::-1]), mix(white, (0.12, 0.10, 0.12), dark)[:, ::-1], closed=True)


def hand_at(x: Array, z: Array, angle: float, reach: float, half: float) -> Array:
    """1 on a hand of a clock that points to `angle`, clockwise from the top."""
    along = x * np.sin(angle) + z * np.cos(angle)
    across = np.abs(x * np.cos(angle) - z * np.sin(angle))
    return array(smoothstep(half, half * 0.5, across) * ((along > -0.1) & (along < reach)))


def top(factors: Factors) -> float:
    """Height of the highest point."""
    extra = POLE if factors["flag"] else 0.0 if factors["roof"] == "crenellated" else 0.45
    return HEIGHT + roof_height(factors) + extra


def pole(factors: Factors) -> Mesh:
    """A mast on the tip, with its flag, or a finial."""
    base = HEIGHT + (0.2 if factors["roof"] == "crenellated" else roof_height(factors) - 0.35)
    end = top(factors)
    mast = rope(array(((0, 0, base), (0, 0, end))), array((0.07, 0.035)), MAST, 6)
    if not factors["flag"]:
        return mast
    share = np.linspace(0, 1, 16, dtype=np.float32)[None]
    drop = np.linspace(0, 1, 6, dtype=np.float32)[:, None]
    wave = 0.14 * share * np.sin(5.5 * share + 1.2 * drop)
    x = 0.03 + 1.25 * share * np.ones_like(drop)
    z = end - 0.05 - 0.7 * drop - 0.12 * share - 0.2 * share * (drop - 0.5)
    flag = sheet(np.stack((x, wave * np.ones_like(x), z), -1), factors["flag_colour"])
    return joined(mast, flag)
