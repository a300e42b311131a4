"""Glasses: two rims, a bridge, and arms that reach the ears."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.distance import capsule, union
from bench.rendering.face.head import Head, mirrored, onto
from bench.rendering.surface import Mesh, surface

STEP = 0.02
RIM = 0.031
DARK = (0.05, 0.05, 0.06)


def glasses(head: Head) -> list[Mesh]:
    """Frame, and the dark lenses of sunglasses."""
    kind = head.factors["glasses"]
    if kind == "none":
        return []
    return [frame(head), *([lenses(head)] if kind == "sun" else [])]


def outline(head: Head, points: Array) -> tuple[Array, Array]:
    """Distance within the lens's plane to its outline, and from that plane; of points mirrored."""
    x, y, z = (points - place(head)).T
    # The plane bends back at the sides with the face.
    depth = y - 0.25 * np.maximum(x, 0)
    if head.factors["glasses"] == "round":
        return array(np.hypot(x, z) - 0.285), array(depth)
    wide, high, corner = (
        (0.31, 0.21, 0.08)
        if head.factors["glasses"] == "square"
        else (
            0.32,
            0.25,
            0.17,
        )
    )
    q = np.stack((np.abs(x) - wide + corner, np.abs(z) - high + corner), -1)
    outside = np.hypot(*np.maximum(q, 0).T)
    return array(outside + np.minimum(q.max(-1), 0) - corner), array(depth)


def place(head: Head) -> Array:
    """Centre of the lens at x > 0: in front of the eye, resting on cheeks that are full."""
    cheek = onto(head.skull, array([[head.eye[0], 0, -0.24]]))[0, 1] - RIM
    return array([head.eye[0] + 0.005, min(head.eye[1] - 1.62 * head.eye_radius, cheek), -0.01])


def frame(head: Head) -> Mesh:
    """Rims, bridge and arms."""
    at = place(head)
    outer = at + array([0.29, 0.08, 0.07])
    hinge = array([max(0.84 * head.width, float(outer[0])), at[1] + 0.34, 0.06])
    ear = array([0.87 * head.width, 0.1, 0.05])

    def distance(points: Array) -> Array:
        side = mirrored(points)
        around, depth = outline(head, side)
        rim = array(np.hypot(around, depth) - np.float32(RIM))
        bridge = capsule(side, (0, at[1] - 0.03, 0.07), (at[0] - 0.26, at[1], 0.05), RIM)
        arm = union(capsule(side, outer, hinge, RIM), capsule(side, hinge, ear, RIM))
        return union(rim, bridge, arm)

    reach = max(at[0] + 0.34, float(hinge[0])) + 0.08
    low, high = (-reach, at[1] - 0.12, -0.34), (reach, 0.2, 0.34)
    return surface(distance, head.factors["glasses_colour"], low, high, STEP)


def lenses(head: Head) -> Mesh:
    """Dark panes within the rims."""
    at = place(head)

    def distance(points: Array) -> Array:
        around, depth = outline(head, mirrored(points))
        return array(np.maximum(around, np.abs(depth) - 0.015))

    reach = at[0] + 0.4
    low, high = (-reach, at[1] - 0.1, -0.36), (reach, at[1] + 0.18, 0.36)
    return surface(distance, DARK, low, high, STEP)
