"""Eyes: painted balls under lids of skin, with a light in them."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.colour import mix
from bench.rendering.distance import length, smooth_union, sphere, turn
from bench.rendering.face.head import Head
from bench.rendering.pattern import smoothstep
from bench.rendering.surface import Mesh, surface

STEP = 0.02
LID = 1.10  # radius of the lids over the eye's
IRIS = 0.56  # radius of the iris over the eye's
PUPIL = 0.24
WHITE = (0.95, 0.93, 0.90)
LASHES = (0.10, 0.07, 0.06)


def eyes(head: Head, light: Array) -> list[Mesh]:
    """Both balls; `light` is where the key light stands, a unit vector seen by the head."""
    return [ball(head, side, light) for side in (-1, 1)]


def ball(head: Head, side: int, light: Array) -> Mesh:
    """A ball with white, iris and pupil, and the light's reflection painted as puppets have it."""
    centre, radius = head.eye * array([side, 1, 1]), head.eye_radius
    iris = array(head.factors["iris_colour"])
    # Eyes that look at something near converge.
    forward = array(turn(yaw=head.factors["gaze"] - 2 * side) @ array([0, -1, 0]))
    glint = forward + 0.33 * light + array([0, 0, 0.1])
    glint = array(glint / np.linalg.norm(glint))

    def colour(points: Array, _: Array) -> Array:
        """Rings around the gaze: pupil, iris, its dark rim, white."""
        outwards = (points - centre) / np.float32(radius)
        away = length(array(outwards - forward))
        white = mix(WHITE, (0.90, 0.66, 0.60), 0.5 * smoothstep(0.7, 1.3, away))
        # The lower half of an iris glows: light enters from above.
        glow = 0.75 + 0.75 * smoothstep(0.25, -0.5, outwards[:, 2])
        disc = iris * glow[:, None] * (1 - 0.65 * smoothstep(IRIS - 0.16, IRIS, away))[:, None]
        disc = mix(disc, (0.02, 0.02, 0.02), smoothstep(PUPIL + 0.07, PUPIL - 0.05, away))
        painted = mix(white, disc, smoothstep(IRIS + 0.05, IRIS - 0.05, away))
        spark = smoothstep(0.26, 0.13, length(array(outwards - glint)))
        return mix(painted, (1, 1, 1), spark)

    low, high = centre - radius - STEP, centre + radius + STEP
    high[1] = centre[1] + 0.2 * radius
    return surface(lambda points: sphere(points, centre, radius), colour, low, high, STEP)


def lids(head: Head) -> list[Mesh]:
    """Upper and lower lids of both eyes."""
    return [lid_pair(head, side) for side in (-1, 1)]


def lid_pair(head: Head, side: int) -> Mesh:
    """A shell around the ball, open between two planes through the corners of the eye."""
    f = head.factors
    centre, radius = head.eye * array([side, 1, 1]), head.eye_radius
    upper = np.deg2rad(-12 + 52 * f["eyelids"])
    lower = np.deg2rad(-34 + 12 * max(f["smile"], 0) - 4 * f["eyelids"])
    tilt = turn(roll=-side * f["eye_tilt"])
    above = tilt @ array([0, np.sin(upper), np.cos(upper)])
    below = tilt @ array([0, -np.sin(lower), -np.cos(lower)])

    def distance(points: Array) -> Array:
        offset = points - centre
        shell = length(offset) - np.float32(LID * radius)
        top = np.maximum(shell, -(offset @ above))
        bottom = np.maximum(shell + 0.012, -(offset @ below))
        return smooth_union(array(top), array(bottom), 0.02)

    def colour(points: Array, _: Array) -> Array:
        """Skin, with lashes along the edge of the upper lid."""
        offset = points - centre
        skin = head.complexion(points)
        edge = smoothstep(0.05, 0.015, np.abs(offset @ above)) * (offset[:, 1] < 0)
        rim = smoothstep(0.03, 0.0, np.abs(offset @ below)) * (offset[:, 1] < 0)
        return mix(mix(skin, skin * 0.75, rim), LASHES, edge)

    reach = LID * radius + 2 * STEP
    low, high = centre - reach, centre + reach
    high[1] = centre[1] + 0.3 * radius
    return surface(distance, colour, low, high, STEP)
