"""The bed: frame, headboard, blanket and pillows."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.bedroom.block import wall
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.distance import box, smooth_union, turn, union
from bench.rendering.material import matte
from bench.rendering.pattern import noise, smoothstep
from bench.rendering.scene import Scene
from bench.rendering.surface import Mesh, surface

LENGTH = 2.0
WIDTHS = {"single": 1.0, "double": 1.6}
TOP = 0.56  # of the mattress above the floor
TURNED = 0.62  # from the head to the blanket's turned-down edge
STEP = 0.032
SHEET = (0.93, 0.92, 0.9)


def bed_middle(factors: Factors) -> float:
    """x of the bed: beside a side wall there is room for a nightstand."""
    free: float = factors["room_width"] / 2 - WIDTHS[factors["bed"]] / 2 - 0.55
    return {"left": -1.0, "middle": 0.0, "right": 1.0}[factors["bed_place"]] * max(free, 0.0)


def bed(scene: Scene, factors: Factors) -> None:
    """Puts the bed with its head to the back wall."""
    half, head = WIDTHS[factors["bed"]] / 2, factors["room_depth"] - 0.09
    middle = bed_middle(factors)
    spot = array((middle, head, 0))
    straight = turn()
    wood = matte(factors["wood_colour"])
    back = wall("back", factors)
    foot = LENGTH + 0.1
    back.block(scene, wood, (middle - half - 0.03, 0.1, 0.14), (middle + half + 0.03, foot, 0.32))
    for x in (middle - half, middle + half):
        back.block(scene, wood, (x - 0.04, foot - 0.1, 0), (x + 0.04, foot, 0.2))
    mattress = box_mesh((half, LENGTH / 2, 0.14), 0.07, SHEET)
    scene.mesh(mattress.moved(straight, spot + array((0, -LENGTH / 2, TOP - 0.14))))
    scene.mesh(blanket(factors, half).moved(straight, spot))
    scene.mesh(headboard(factors, half).moved(straight, spot))
    pillow = box_mesh((0.3, 0.2, 0.085), 0.085, factors["pillow_colour"])
    for x in (0.0,) if factors["bed"] == "single" else (-0.38, 0.38):
        lying = turn(yaw=4 if x > 0 else -3, pitch=32)
        scene.mesh(pillow.moved(lying, spot + array((x, -0.25, TOP + 0.15))))


def box_mesh(
    half: tuple[float, float, float],
    rounding: float,
    colour: Array | list[float] | tuple[float, float, float],
) -> Mesh:
    """A cushion."""
    reach = array(half) + 0.05
    return surface(lambda p: box(p, (0, 0, 0), half, rounding), colour, -reach, reach, STEP)


def blanket(factors: Factors, half: float) -> Mesh:
    """Over the mattress and down its sides, in soft folds; the head of the bed is y = 0."""
    end = -LENGTH - 0.03
    start = -TURNED
    centre = 0, (start + end) / 2, 0.41
    size = half + 0.035, (start - end) / 2, 0.2
    edge = 0, start - 0.1, TOP + 0.045
    seed = factors["picture_seed"]

    def distance(points: Array) -> Array:
        body = box(points, centre, size, 0.1)
        fold = box(points, edge, (half + 0.05, 0.13, 0.045), 0.045)
        ripple = 0.035 * (noise(points * array((1.4, 1.0, 0.5)), 2.2, seed, octaves=2) - 0.5)
        return array(smooth_union(body, fold, 0.03) - ripple)

    def colour(vertices: Array, _normals: Array) -> Array:
        # The cloth lies flat in thought: down the sides, depth counts as width.
        drop = np.maximum(TOP - vertices[:, 2], 0)
        over = np.maximum(np.abs(vertices[:, 0]) - half + 0.06, 0) > 0
        u = vertices[:, 0] + np.sign(vertices[:, 0]) * drop * over
        v = vertices[:, 1] - drop * (vertices[:, 1] < end + 0.08)
        share = cloth(factors["blanket"], u, v)
        turned = smoothstep(start - 0.235, start - 0.215, vertices[:, 1])
        base = np.broadcast_to(array(factors["blanket_colour"]), vertices.shape)
        second = factors["blanket_second_colour"]
        return mix(mix(base, second, share), second, turned)

    low = array((-half - 0.12, end - 0.08, 0.16))
    return surface(distance, colour, low, array((half + 0.12, start + 0.1, TOP + 0.2)), STEP)


def cloth(kind: str, u: Array, v: Array) -> Array:
    """Where a blanket shows its second colour, 0 to 1; u across and v along in metres."""
    if kind == "stripes":
        return smoothstep(-0.15, 0.15, np.cos(2 * np.pi * v / 0.34))
    if kind == "checks":
        across, along = (smoothstep(-0.15, 0.15, np.cos(2 * np.pi * w / 0.36)) for w in (u, v))
        return array(0.5 * (across + along))
    if kind == "dots":
        row = np.floor(v / 0.2)
        return smoothstep(
            0.075, 0.05, np.hypot((u / 0.24 + 0.5 * (row % 2)) % 1 * 0.24 - 0.12, v % 0.2 - 0.1)
        )
    return np.zeros_like(u)


def headboard(factors: Factors, half: float) -> Mesh:
    """Against the wall, behind y = 0."""
    kind, top = factors["headboard"], 1.12
    wide = half + 0.05

    def distance(points: Array) -> Array:
        if kind == "panel":
            return box(points, (0, 0.045, 0.6), (wide, 0.04, 0.48), 0.02)
        if kind == "padded":
            pads = [
                box(points, (x * wide * 2 / 3, 0.03, 0.7), (wide / 3, 0.06, 0.42), 0.06)
                for x in (-1, 0, 1)
            ]
            return union(*pads)
        if kind == "arch":
            level = np.maximum(points[:, 2] - 0.75, 0) / 0.62
            around = (np.hypot(points[:, 0] / wide, level) - 1) * 0.5
            return array(
                np.maximum(
                    np.maximum(around, np.abs(points[:, 1] - 0.045) - 0.04), 0.1 - points[:, 2]
                )
            )
        posts = [
            box(points, (x, 0.045, 0.58), (0.022, 0.022, 0.5), 0.02)
            for x in np.linspace(-wide + 0.05, wide - 0.05, 7)
        ]
        rail = box(points, (0, 0.045, top - 0.03), (wide, 0.035, 0.045), 0.03)
        return union(rail, *posts)

    colour = factors["accent_colour"] if kind == "padded" else factors["wood_colour"]
    low, high = array((-wide - 0.06, -0.08, 0.1)), array((wide + 0.06, 0.14, 1.45))
    return surface(distance, colour, low, high, 0.026)
