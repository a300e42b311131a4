"""A cat's head: skull, cheeks, muzzle, lids and ears; eyes and nose apart. It faces -y.

The half with x >= 0 is modelled, then doubled. A unit is about the half width of the skull.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.distance import (
    capsule,
    ellipsoid,
    rotated,
    smooth_subtract,
    smooth_union,
    sphere,
    turn,
)
from bench.rendering.pattern import noise, smoothstep
from bench.rendering.sheet import doubled, sheet
from bench.rendering.surface import Mesh, surface

STEP = 0.036  # 1.4 pixels of a picture
EYE_HEIGHT = 0.1


def head(factors: Factors) -> Mesh:
    """Skull to muzzle, with lids and ears, yet without colours."""
    distance = partial(head_distance, factors=factors)
    half = surface(distance, (1, 1, 1), (0, -1.35, -1.0), (1.75, 1.05, 1.75), STEP)
    return doubled(half, axis=0)


def head_distance(points: Array, factors: Factors) -> Array:
    """All that is one skin."""
    width, fluff = factors["head_width"], factors["cheek_fluff"]
    skull = ellipsoid(points, (0, 0.05, 0.08), (width, 0.92, 0.84))
    size = (0.52 + 0.14 * fluff, 0.48, 0.44)
    cheek = ellipsoid(points, (0.5 * width, -0.16, -0.36), size)
    tufts = noise(points, (5, 3, 9), 7)
    cheek = cheek - array((0.05 + 0.13 * fluff) * tufts * smoothstep(0.3, 0.95, points[:, 0]))
    shape = smooth_union(skull, cheek, 0.22)
    shape = smooth_union(shape, ears(points, factors), 0.09)
    shape = smooth_union(shape, snout(points, factors), 0.14)
    eye = eye_centre(factors)
    lids = sphere(points, eye, factors["eye_size"] * 1.1)
    shape = smooth_union(shape, lids, 0.12)
    shape = smooth_subtract(shape, eye_opening(points, factors), 0.03)
    if factors["mouth"] == "open":
        shape = smooth_subtract(shape, gape(points, factors), 0.04)
    return shape


def snout(points: Array, factors: Factors) -> Array:
    """Bridge of the nose, whisker pads and chin."""
    tip = muzzle_tip(factors)
    bridge = capsule(points, (0, -0.66, 0.14), (0, tip + 0.2, -0.2), 0.25, 0.15)
    return smooth_union(bridge, lips(points, factors), 0.1)


def lips(points: Array, factors: Factors) -> Array:
    """Whisker pads and chin, a crease between them."""
    return smooth_union(pad(points, factors), chin(points, factors), 0.025)


def pad(points: Array, factors: Factors) -> Array:
    """The right whisker pad."""
    return ellipsoid(points, (0.19, muzzle_tip(factors) + 0.22, -0.37), (0.27, 0.27, 0.19))


def chin(points: Array, factors: Factors) -> Array:
    """Lower jaw: it drops to open the mouth."""
    drop = {"closed": 0.0, "tongue": 0.05, "open": 0.13}[factors["mouth"]]
    return ellipsoid(points, (0, muzzle_tip(factors) + 0.3, -0.57 - drop), (0.21, 0.25, 0.17))


def gape(points: Array, factors: Factors) -> Array:
    """The inside of an open mouth."""
    return ellipsoid(points, (0, muzzle_tip(factors) + 0.12, -0.58), (0.16, 0.22, 0.09))


def muzzle_tip(factors: Factors) -> float:
    """How far forward (y) the whisker pads reach."""
    return -0.95 - float(factors["muzzle_length"])


def eye_centre(factors: Factors) -> Array:
    """Centre of the right eyeball: near the skull's surface, wherever that is."""
    x = 0.39 * factors["head_width"]
    return array((x, -0.76 + 0.6 * factors["eye_size"], EYE_HEIGHT))


def almond(points: Array, factors: Factors) -> Array:
    """The opening of the lids as seen from the front: 1 at its rim, less within."""
    size = factors["eye_size"]
    offset = points - eye_centre(factors)
    # Narrowed lids lie level: slanted ones would look angry.
    level = min(1.0, max(0.0, (factors["eye_openness"] - 0.5) / 0.4))
    angle = np.deg2rad(factors["eye_tilt"] * level)
    along = np.cos(angle) * np.abs(offset[:, 0]) * np.sign(offset[:, 0]) + (
        np.sin(angle) * offset[:, 2]
    )
    across = np.cos(angle) * offset[:, 2] - np.sin(angle) * offset[:, 0]
    return array(np.hypot(along / (0.98 * size), across / (0.86 * size * factors["eye_openness"])))


def eye_opening(points: Array, factors: Factors) -> Array:
    """What the lids leave open, in front of the eyeball."""
    size = factors["eye_size"]
    aside = (almond(points, factors) - 1) * np.float32(0.75 * size * factors["eye_openness"])
    behind = points[:, 1] - (eye_centre(factors)[1] - np.float32(0.1 * size))
    return array(np.maximum(aside, behind))


def ear_frame(points: Array, factors: Factors) -> Array:
    """Points as the right ear sees them: its base the origin, its tip up, its hollow to -y."""
    base = array((0.5 * factors["head_width"], 0.08, 0.52))
    return rotated(points, turn(yaw=14, pitch=6, roll=factors["ear_spread"]), base) - base


def ears(points: Array, factors: Factors) -> Array:
    """The right ear: a shell, pointed, rounded, or folded forwards."""
    at = ear_frame(points, factors)
    outer = ear_cone(at, factors, 1.0)
    hollow = ear_cone(at - array((0, -0.17, 0.04)), factors, 0.84)
    shell = smooth_subtract(outer, hollow, 0.05)
    if factors["ear_shape"] == "folded":
        size = factors["ear_size"]
        flap = rotated(at, turn(pitch=38), (0, -0.2, 0.4 * size))
        return smooth_union(
            outer, ellipsoid(flap, (0, -0.17, 0.36 * size), (0.33, 0.1, 0.3 * size)), 0.06
        )
    return shell


def ear_cone(at: Array, factors: Factors, scale: float) -> Array:
    """A flattened cone of an ear's outline."""
    reach, tip = {"pointed": (1.0, 0.035), "rounded": (0.72, 0.17), "folded": (0.42, 0.2)}[
        factors["ear_shape"]
    ]
    flat = at * array((1, 2, 1))
    top = (0.03, 0, reach * factors["ear_size"] * scale)
    return capsule(flat, (0, 0, -0.05), top, 0.43 * scale, tip * scale) * np.float32(0.7)


def inner_ear(points: Array, factors: Factors) -> Array:
    """1 where the skin of the ears shows (points of either side), 0 on fur."""
    right = points * array((1, 1, 1))
    right[:, 0] = np.abs(right[:, 0])
    at = ear_frame(right, factors)
    hollow = ear_cone(at - array((0, -0.17, 0.04)), factors, 0.84)
    bare = smoothstep(0.05, 0.02, hollow) * smoothstep(0.05, 0.3, at[:, 2])
    return array(bare * (factors["ear_shape"] != "folded"))


def eyeball(factors: Factors, side: int) -> Mesh:
    """The eye at `side` (-1 left, 1 right, as the viewer sees it): iris, pupil, dark rim."""
    colour = factors["eye_colour" if side < 0 else "other_eye_colour"]
    centre = eye_centre(factors) * array((side, 1, 1))
    away = np.linspace(0, 1.75, 28, dtype=np.float32)[:, None]  # radians from the gaze
    around = np.linspace(0, 2 * np.pi, 41, dtype=np.float32)[None]
    x, z = np.sin(away) * np.cos(around), np.sin(away) * np.sin(around)
    ball = np.stack((x, np.broadcast_to(-np.cos(away), x.shape), z), -1)
    reach = np.sqrt(x**2 + z**2)
    iris = mix(array(colour) * 0.6, array(colour) * 1.1, smoothstep(0.95, 0.55, reach))
    iris = mix(iris, array(colour) * 1.2, 0.5 * smoothstep(0.3, -0.7, z) * (reach < 0.8))
    slit = np.hypot(x / (0.62 * factors["pupil"]), z / 0.66)
    painted = mix((0.015, 0.015, 0.02), iris, smoothstep(0.88, 1.12, slit))
    painted = mix(painted, (0.04, 0.03, 0.03), smoothstep(0.9, 1.0, reach))
    painted = mix(painted, (0.04, 0.03, 0.03), (away > 1.5) * np.ones_like(x))
    return sheet(ball * np.float32(factors["eye_size"]) + centre, painted, closed=True)


def nose(factors: Factors) -> Mesh:
    """A blunt triangle above the lips."""
    tip = muzzle_tip(factors)

    def distance(points: Array) -> Array:
        wings = capsule(points, (-0.075, tip + 0.06, -0.2), (0.075, tip + 0.06, -0.2), 0.062)
        point = capsule(points, (0, tip + 0.05, -0.21), (0, tip + 0.04, -0.3), 0.06, 0.035)
        return smooth_union(wings, point, 0.06)

    low, high = (-0.2, tip - 0.08, -0.38), (0.2, tip + 0.2, -0.08)
    return surface(distance, factors["nose_colour"], low, high, 0.02)


def tongue(factors: Factors) -> Mesh:
    """The tip of a tongue between the lips."""
    tip = muzzle_tip(factors)
    distance = partial(ellipsoid, centre=(0, tip + 0.06, -0.56), radii=(0.1, 0.1, 0.1))
    return surface(
        distance, (0.88, 0.45, 0.48), (-0.2, tip - 0.15, -0.72), (0.2, tip + 0.3, -0.4), 0.025
    )
