"""Beards: a moustache, or all that grows on the jaw."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.distance import tube
from bench.rendering.face.head import Head, falloff, mirrored, onto
from bench.rendering.face.mouth import HALF
from bench.rendering.pattern import noise
from bench.rendering.surface import Mesh, surface

STEP = 0.04
THICK = 0.10  # of a full beard on the chin
FINE = 0.02


def beard(head: Head) -> list[Mesh]:
    """What stands off the skin; stubble only colours it."""
    kind = head.factors["beard"]
    if kind == "full":
        return [full(head), moustache(head)]
    return [moustache(head)] if kind == "moustache" else []


def tufts(points: Array) -> Array:
    """Relief of a beard, 0 to 1: tufts that hang."""
    return noise(points, (9.0, 9.0, 3.5), seed=11, octaves=2)


def shaded(head: Head, points: Array) -> Array:
    """The hair's colour, lighter on tufts."""
    colour = array(head.factors["hair_colour"]) * np.float32(0.92)
    return array(colour * (0.5 + 0.95 * tufts(points))[:, None])


def full(head: Head) -> Mesh:
    """A shell on the jaw, thickest at the chin, that thins out to nothing at its edge."""

    def distance(points: Array) -> Array:
        grown = head.bearded(points)
        low = np.clip((head.mouth_z + 0.1 - points[:, 2]) / 0.5, 0, 1)
        thick = (0.04 + THICK * low + 0.07 * (tufts(points) - 0.5)) * grown
        # Bare skin hides the shell; in the sockets of the eyes skin lies deeper.
        sunk = (0.03 + 0.25 * falloff(mirrored(points), head.eye, 0.5)) * (1 - grown)
        return array(head.skull(points) - thick + sunk)

    return surface(
        distance,
        lambda points, _: shaded(head, points),
        (-1.0, -1.1, head.chin_z - 0.45),
        (1.0, 0.3, head.mouth_z + 0.6),
        STEP,
    )


def moustache(head: Head) -> Mesh:
    """Two rolls that meet under the nose and droop with the mouth's corners."""
    along = np.linspace(0, 1, 5)
    x = 0.012 + 1.12 * HALF * head.factors["mouth_width"] * along
    top = 0.5 * (head.nose_z + head.mouth_z) - 0.03
    z = top + 0.02 * head.open - along**1.8 * (0.11 - 0.08 * head.smile)
    path = onto(head.skull, array(np.stack((x, 0 * x, z), -1)))
    path[:, 1] -= 0.02
    radii = 0.072 * (1 - 0.7 * along**1.5)

    def distance(points: Array) -> Array:
        return array(tube(mirrored(points), path, radii) - 0.03 * (tufts(points) - 0.5))

    reach = path[:, 0].max() + 0.1
    low = (-reach, path[:, 1].min() - 0.14, path[:, 2].min() - 0.12)
    high = (reach, path[:, 1].max() + 0.1, path[:, 2].max() + 0.14)
    return surface(distance, lambda points, _: shaded(head, points), low, high, FINE)
