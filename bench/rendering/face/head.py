"""The bare head: skull, jaw, cheeks, nose and ears in one skin, and where the features lie."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from bench.rendering.arrays import Array, array
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.distance import (
    Distance,
    capsule,
    ellipsoid,
    smooth_subtract,
    smooth_union,
    sphere,
)
from bench.rendering.pattern import noise, smoothstep
from bench.rendering.surface import Mesh, surface

STEP = 0.036  # of the skin's grid; a pixel is 0.021
EYE_RADIUS = 0.215
EYE_SPACING = 0.365  # half the distance between the eyes' centres
FAR = -1.6  # y in front of every face
FLUSH = (0.86, 0.27, 0.22)  # what blood adds to a skin


class Head:
    """The shape of one head with one expression; positions are those of a head that looks ahead.

    Left and right are alike, so distances are measured from points mirrored to x >= 0.
    """

    def __init__(self, factors: Factors) -> None:
        self.factors = factors
        self.width: float = factors["head_width"]
        self.length: float = factors["face_length"]
        self.smile: float = factors["smile"]
        self.open: float = factors["mouth_open"]
        self.eye_radius = EYE_RADIUS * factors["eye_size"]
        self.skull_centre = (0.0, 0.12, 0.22)
        self.skull_radii = (0.80 * self.width, 0.88, 0.80)
        # Long noses push the mouth down only part of the way.
        self.nose_z = -0.29 * factors["nose_length"] + 0.05 * factors["nose_tip"]
        self.mouth_z = -0.60 * (0.65 * self.length + 0.35) - 0.06 * (factors["nose_length"] - 1)
        self.chin_z = -0.90 * self.length - 0.07 * self.open

    def skull(self, points: Array) -> Array:
        """Skull, jaw, chin and cheeks: what beards and lips lie on."""
        f = self.factors
        points = mirrored(points)
        drop = 0.06 * self.open
        jaw = ellipsoid(
            points,
            (0, -0.10, -0.36 * self.length - drop),
            (0.62 * f["jaw_width"] * (0.5 + 0.5 * self.width), 0.66, 0.70 * self.length),
        )
        body = smooth_union(ellipsoid(points, self.skull_centre, self.skull_radii), jaw, 0.34)
        size = 0.17 * f["chin"]
        chin = ellipsoid(
            points, (0, -0.60 + 0.5 * size, self.chin_z + 0.3 * size), (size * 1.3, size, size)
        )
        body = smooth_union(body, chin, 0.22)
        lift = max(self.smile, 0)
        cheek = sphere(
            points,
            (0.40 * self.width, -0.49 - 0.02 * lift, -0.36 + 0.05 * lift),
            0.235 * f["cheeks"] + 0.02 * lift,
        )
        return smooth_union(body, cheek, 0.18)

    @cached_property
    def eye(self) -> Array:
        """Centre of the eye at x > 0: half sunk in the skull."""
        x = EYE_SPACING * self.factors["eye_spacing"]
        front = onto(self.skull, array([[x, 0, 0.0]]))[0]
        return array([x, front[1] + 0.72 * self.eye_radius, 0])

    @cached_property
    def tip(self) -> Array:
        """Centre of the nose's tip."""
        front = onto(self.skull, array([[0, 0, self.nose_z]]))[0]
        return array([0, front[1] - 0.14, self.nose_z])

    def nose(self, points: Array) -> Array:
        """Bridge, tip and wings, of points mirrored."""
        wide = self.factors["nose_width"]
        root = (0, self.eye[1] - 0.9 * self.eye_radius, 0.06)
        radius = 0.105 + 0.035 * (wide - 1)
        bridge = capsule(points, root, self.tip, 0.062 + 0.02 * (wide - 1), radius)
        tip = sphere(points, self.tip - array([0, 0.02, 0]), radius + 0.012)
        wing = sphere(points, self.tip + array([0.105 * wide, 0.07, -0.012]), 0.075)
        return smooth_union(smooth_union(bridge, tip, 0.06), wing, 0.06)

    def ear(self, points: Array) -> Array:
        """An oval dish that stands off the skull, of points mirrored."""
        size = self.factors["ear_size"]
        # Turned outwards and leant back by a shear, which keeps the ellipsoid's bound good enough.
        at = array([0.83 * self.width, 0.10, -0.10])
        offset = points - at
        leant = np.stack(
            (offset[:, 0] - 0.55 * offset[:, 1], offset[:, 1] - 0.2 * offset[:, 2], offset[:, 2]),
            -1,
        )
        shell = ellipsoid(leant, (0, 0, 0), (0.075, 0.15 * size, 0.25 * size))
        dish = ellipsoid(leant, (0.05, -0.04, 0.02), (0.06, 0.085 * size, 0.16 * size))
        return smooth_subtract(shell, dish, 0.04)

    def skin(self, points: Array) -> Array:
        """All of the head's skin but the lids."""
        points = mirrored(points)
        socket = sphere(points, self.eye - array([0, 0.03, 0]), 1.02 * self.eye_radius)
        body = smooth_subtract(self.skull(points), socket, 0.12)
        body = smooth_union(body, self.nose(points), 0.09)
        return smooth_union(body, self.ear(points), 0.05)

    def complexion(self, points: Array, _: Array | None = None) -> Array:
        """sRGB of the skin: flushed where blood is near, darker where a beard grows."""
        f = self.factors
        base = array(f["skin_colour"])
        side = mirrored(points)
        blush = 0.35 + 0.65 * f["blush"]
        flush = np.maximum.reduce(
            (
                0.34 * blush * falloff(side, (0.46 * self.width, -0.62, -0.36), 0.34),
                0.30 * blush * falloff(side, self.tip - array([0, 0.08, 0.02]), 0.22),
                0.34 * falloff(side, (0.92 * self.width, 0.1, -0.1), 0.36),
                0.07 * falloff(side, (self.eye[0], self.eye[1] - 0.2, -0.02), 0.34),
                0.10 * falloff(side, (0, -0.6, self.chin_z), 0.3),
            )
        )
        mottle = noise(points, 3.0, seed=5, octaves=2) - 0.5
        # Blood shows less on dark skin, but is still there.
        colours = mix(base, array(FLUSH) * (0.35 + 0.65 * base.mean()), flush + 0.06 * mottle)
        if f["beard"] in ("stubble", "full"):
            grain = 0.75 + 0.5 * noise(points, 16.0, seed=3)
            shade = 0.42 * np.clip(self.bearded(points) * grain, 0, 1)
            colours = mix(colours, mix(base * 0.55, f["hair_colour"], 0.6), shade)
        return array(colours)

    def bearded(self, points: Array) -> Array:
        """Where a beard grows, 0 to 1: jaw, chin and upper lip, up to the ears."""
        side = mirrored(points)
        x, _, z = side.T
        # The upper edge falls from the sideburns to the mouth's corners.
        edge = self.mouth_z + 0.10 + 0.50 * smoothstep(0.46, 0.80, x / self.width)
        cheek = smoothstep(0.05, -0.07, z - edge)
        lips = ((x / 0.30) ** 2 + ((z - self.mouth_z) / 0.10) ** 2) ** 0.5
        return array(cheek * smoothstep(0.75, 1.05, lips))

    def mesh(self) -> Mesh:
        """The head's skin. What no camera sees, the back of the head, is left open."""
        reach = 0.98 * self.width + 0.14
        low = (-reach, -1.25, self.chin_z - 0.35)
        return surface(self.skin, self.complexion, low, (reach, 0.62, 1.06), STEP)


def mirrored(points: Array) -> Array:
    """Points with x >= 0."""
    side = points.copy()
    side[:, 0] = np.abs(side[:, 0])
    return side


def falloff(points: Array, centre: ArrayLike, radius: float) -> Array:
    """1 at `centre`, 0 from `radius` on."""
    return smoothstep(radius, 0, sphere(points, centre, 0.0))


def onto(distance: Distance, points: Array) -> Array:
    """Points (N, 3) moved along y to the front of a shape: walked by its distance."""
    walked = points.copy()
    walked[:, 1] = FAR
    for _ in range(40):
        walked[:, 1] += 0.8 * np.clip(distance(walked), -0.1, 0.3)
    return walked
