"""Skies: the picture all around that also lights the scene, and the sun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.category import Factors
from bench.rendering.colour import Rgb, mix
from bench.rendering.pattern import noise, smoothstep

ROWS = 256
COLD, WARM = (0.90, 0.95, 1.0), (1.0, 0.86, 0.64)


@dataclass(frozen=True)
class Mood:
    """Colours of a kind of sky, and how strong sun and sky are under it."""

    zenith: Rgb
    horizon: Rgb
    cloud: Rgb
    cover: float  # of clouds, 0 to 1
    sun: float
    glow: float  # about the sun's place
    sky: float = 1.0


MOODS: Mapping[str, Mood] = {
    "clear": Mood((0.28, 0.52, 0.86), (0.74, 0.87, 0.95), (1, 1, 1), 0.1, 2.3, 0.1),
    "clouds": Mood((0.30, 0.54, 0.84), (0.74, 0.85, 0.92), (0.97, 0.97, 0.97), 0.52, 2.0, 0.1),
    "overcast": Mood((0.62, 0.66, 0.71), (0.8, 0.82, 0.83), (0.54, 0.58, 0.63), 0.8, 0.6, 0.1, 1.2),
    "sunset": Mood((0.38, 0.44, 0.70), (0.98, 0.71, 0.48), (0.93, 0.52, 0.46), 0.5, 1.7, 0.55, 1.1),
    "dusk": Mood((0.18, 0.23, 0.45), (0.68, 0.55, 0.64), (0.40, 0.38, 0.56), 0.4, 0.9, 0.3, 2.3),
}


def mood_of(factors: Factors) -> Mood:
    """The sky's kind."""
    return MOODS[factors["sky"]]


def sun_place(factors: Factors) -> tuple[float, float]:
    """Azimuth and elevation in radians."""
    low = 0.5 if factors["sky"] in ("sunset", "dusk") else 1.0
    return float(np.deg2rad(factors["light_azimuth"])), float(
        np.deg2rad(factors["light_elevation"] * low)
    )


def sun_direction(factors: Factors) -> list[float]:
    """The way its light travels: the sun stands behind the viewer, to a side."""
    around, above = sun_place(factors)
    out = array((np.sin(around) * np.cos(above), -np.cos(around) * np.cos(above), np.sin(above)))
    return [float(-c) for c in out]


def sun_colour(factors: Factors) -> Array:
    """Warmer when low."""
    tint = mix(COLD, WARM, np.float32(factors["light_warmth"]))
    if factors["sky"] == "sunset":
        return array(tint * array((1.0, 0.84, 0.66)))
    return tint


def sky_picture(factors: Factors) -> Array:
    """The sky all around (H, 2H, 3), its middle column behind the tower; grey-green below."""
    mood, seed = mood_of(factors), factors["sky_seed"]
    above = np.linspace(np.pi / 2, -np.pi / 2, ROWS, dtype=np.float32)[: ROWS // 2 + 4, None]
    around = np.linspace(-np.pi, np.pi, 2 * ROWS, dtype=np.float32)[None]
    height = smoothstep(-0.02, 0.75, above) ** 0.75
    colours = mix(mood.horizon, mood.zenith, height * np.ones_like(around))
    # Clouds as on a ceiling, flatter towards the horizon.
    lift = np.sin(np.maximum(above, 0)) + 0.25
    x, y = np.cos(above) * np.sin(around) / lift, np.cos(above) * np.cos(around) / lift
    bank = noise(np.stack((x * 1.1, y * 1.6), -1), 1.7, seed, 5)
    threshold = 0.66 - 0.4 * mood.cover
    cloud = smoothstep(threshold, threshold + 0.16, bank)
    thick = smoothstep(threshold + 0.05, threshold + 0.3, bank)
    tint = mix(mood.cloud, array(mood.cloud) * 0.82, thick)
    colours = mix(colours, tint, 0.9 * cloud * smoothstep(0.0, 0.12, above))
    # Behind the tower there is afterglow: the sun itself is behind the viewer.
    glow = np.exp(-((around - 0.6 * np.sign(sun_place(factors)[0])) ** 2) / 0.5 - above**2 / 0.05)
    colours = mix(colours, (1.0, 0.86, 0.62), mood.glow * glow)
    below = np.broadcast_to(array((0.42, 0.44, 0.40)), (ROWS - len(above), 2 * ROWS, 3))
    return np.concatenate((array(colours), below))
