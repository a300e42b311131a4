"""Trees to be set about a tower. Each stands on z = 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.rendering.arrays import array
from bench.rendering.colour import mix
from bench.rendering.pattern import noise
from bench.rendering.sheet import joined, lathe, rope, sheet
from bench.rendering.surface import Mesh

BARK = (0.36, 0.26, 0.19)
SNOW = (0.93, 0.95, 0.98)


def fir(height: float, colour: Sequence[float], snow: float) -> Mesh:
    """A conifer of four tiers, `snow` from 0 to 1 on its boughs."""
    profile, shades = [(0.0, 0.12)], [0.5]
    for tier in range(4):
        low, wide = 0.12 + 0.2 * tier, 0.30 - 0.06 * tier
        profile += [(wide, low), (wide * 0.42, low + 0.22)]
        shades += [0.75, 1.05]
    profile.append((0.0, 1.0))
    shades.append(1.2)
    colours = array(colour) * array(shades)[:, None]
    colours = mix(colours, SNOW, snow * array([float(s > 1) for s in shades]))
    grown = np.broadcast_to(colours[:, None], (len(profile), 11, 3))
    crown = lathe([(r * height, z * height) for r, z in profile], grown, 10)
    return joined(crown, trunk(0.2 * height, 0.05 * height))


def leafy(height: float, colour: Sequence[float], seed: int) -> Mesh:
    """A broad-leaved tree: a lumpy crown on a trunk."""
    away = np.linspace(np.pi, 0, 14, dtype=np.float32)[:, None]
    around = -np.linspace(0, 2 * np.pi, 21, dtype=np.float32)[None]
    ball = np.stack(
        (
            np.sin(away) * np.cos(around),
            np.sin(away) * np.sin(around),
            np.cos(away) * np.ones_like(around),
        ),
        -1,
    )
    lumps = noise(ball, 1.9, seed, 2)
    points = ball * (0.62 + 0.6 * lumps[..., None]) * array((0.36, 0.36, 0.4)) * np.float32(height)
    points = points + array((0, 0, 0.62 * height))
    shade = 0.6 + 0.6 * lumps + 0.12 * ball[..., 2]
    crown = sheet(points, array(colour) * shade[..., None], closed=True)
    return joined(crown, trunk(0.5 * height, 0.045 * height))


def trunk(height: float, radius: float) -> Mesh:
    """A plain stem."""
    return rope(array(((0, 0, 0), (0, 0, height))), array((radius, radius * 0.8)), BARK, 6)
