"""Where a car stands: ground, what is behind it, sky and light."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.car.backdrop import BACKDROPS
from bench.rendering.car.ground import ground
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.pattern import noise, plane, smoothstep
from bench.rendering.scene import Scene

SKY_SIZE = 192, 96
# Top, horizon and cloud of each sky.
SKIES = {
    "clear": ((0.36, 0.58, 0.86), (0.8, 0.89, 0.96), (1.0, 1.0, 1.0)),
    "cloudy": ((0.5, 0.58, 0.68), (0.8, 0.84, 0.87), (0.93, 0.93, 0.94)),
    "sunset": ((0.42, 0.47, 0.7), (1.0, 0.78, 0.58), (1.0, 0.66, 0.56)),
}
CLOUDS = {"clear": (0.55, 0.75), "cloudy": (0.4, 0.66), "sunset": (0.48, 0.7)}
SUN = {"clear": 3.6, "cloudy": 2.0, "sunset": 3.2}
SKYLIGHT = {"clear": 1.15, "cloudy": 1.1, "sunset": 1.1}
COLD, WARM = (0.86, 0.93, 1.0), (1.0, 0.84, 0.64)


def place(scene: Scene, factors: Factors) -> None:
    """Adds all but the car."""
    ground(scene, factors)
    BACKDROPS[factors["backdrop"]](scene, factors)
    if factors["backdrop"] == "studio":
        studio_light(scene, factors)
    else:
        daylight(scene, factors)


def light_colour(factors: Factors) -> Array:
    """From bluish to golden."""
    return mix(COLD, WARM, factors["light_warmth"])


def towards_light(factors: Factors) -> Array:
    """Unit vector from the car to the sun or lamp; the viewer is at -y."""
    azimuth, elevation = np.deg2rad((factors["light_azimuth"], factors["light_elevation"]))
    across, back = np.sin(azimuth) * np.cos(elevation), -np.cos(azimuth) * np.cos(elevation)
    return array((across, back, np.sin(elevation)))


def daylight(scene: Scene, factors: Factors) -> None:
    """Sky with clouds, and the sun."""
    kind = factors["sky"]
    top, horizon, cloud = SKIES[kind]
    at = plane(*SKY_SIZE)
    height = np.clip(2 * at[..., 1] - 1, 0, 1)  # 0 at the horizon to 1 overhead
    # Clouds flatten towards the horizon, and end where the picture's two ends meet.
    puffs = noise(at * array((1, 2.6)), 8, factors["backdrop_seed"], octaves=4)
    low, high = CLOUDS[kind]
    picture = mix(horizon, top, smoothstep(0.0, 0.45, height))
    picture = mix(picture, cloud, 0.85 * smoothstep(low, high, puffs) * (height > 0))
    picture = mix(picture, light_colour(factors) * picture, np.full(height.shape, 0.5))
    scene.sky(np.clip(picture, 0, 1), SKYLIGHT[kind])
    strength = SUN[kind] * factors["light_strength"]
    scene.sun([float(-c) for c in towards_light(factors)], light_colour(factors), strength)


def studio_light(scene: Scene, factors: Factors) -> None:
    """A big softbox, and a glow from all around that is brighter above."""
    height = plane(*SKY_SIZE)[..., 1]
    glow = mix((0.4, 0.4, 0.42), (0.9, 0.91, 0.93), smoothstep(0.5, 0.95, height))
    scene.sky(glow, 1.1)
    spot = 9 * towards_light(factors) + array((0, 0, 1))
    strength = 9.0 * factors["light_strength"]
    scene.lamp([float(c) for c in spot], [0, 0, 0.5], 2.8, light_colour(factors), strength)
