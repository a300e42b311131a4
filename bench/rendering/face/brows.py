"""Brows: two tapering rolls above the eyes."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import array
from bench.rendering.colour import mix
from bench.rendering.distance import tube
from bench.rendering.face.head import Head, mirrored, onto
from bench.rendering.surface import Mesh, surface

STEP = 0.018
HALF = 0.24  # half the length


def brows(head: Head) -> Mesh:
    """Both brows: arched over the eyes, angled as the person is, raised as the mood is."""
    f = head.factors
    along = np.linspace(-1, 1, 6)
    x = head.eye[0] + HALF * along
    rise = HALF * np.tan(np.deg2rad(f["brow_angle"])) * along
    # Lowered brows knit: their inner ends go further down, and up where they are raised.
    mood = f["brow_raise"] * (0.06 + 0.02 * (1 - along))
    z = 1.18 * head.eye_radius + 0.08 + rise + mood + 0.05 * (1 - (along - 0.2) ** 2)
    path = onto(head.skull, array(np.stack((x, 0 * x, z), -1)))
    path[:, 1] -= 0.012
    radii = 0.042 * f["brow_thickness"] * (1.05 - 0.5 * np.clip(along, 0, 1) - 0.2 * (along < -0.9))
    # A brow is darker than the hair, and never lost on the skin.
    colour = mix(array(f["hair_colour"]) * 0.72, array(f["skin_colour"]) * 0.4, 0.18)
    reach = path[:, 0].max() + 0.12
    low = (-reach, path[:, 1].min() - 0.12, path[:, 2].min() - 0.12)
    high = (reach, path[:, 1].max() + 0.12, path[:, 2].max() + 0.12)
    return surface(lambda points: tube(mirrored(points), path, radii), colour, low, high, STEP)
