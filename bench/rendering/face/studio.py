"""The studio: camera, lights, and what hangs behind the sitter."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.face.backdrop import backdrop
from bench.rendering.material import matte, texture
from bench.rendering.scene import Camera, Scene

FRAME = 2.68  # head units that the picture is wide, at the eyes
DISTANCE = 10.0  # of the camera: a portrait lens flattens faces kindly
EYES_ABOVE = 0.03  # of the picture's height, above its middle
COLD, WARM = (0.86, 0.93, 1.0), (1.0, 0.87, 0.70)
KEY = 13.0  # distance of the key light: never between camera and sitter
WALL = 3.2  # y of the backdrop


def towards_light(factors: Factors) -> Array:
    """Unit vector from the face to the key light."""
    azimuth, elevation = np.deg2rad((factors["light_azimuth"], factors["light_elevation"]))
    flat = np.cos(elevation)
    return array([flat * np.sin(azimuth), -flat * np.cos(azimuth), np.sin(elevation)])


def studio(factors: Factors, eyes: Array) -> Scene:
    """An empty studio, the camera aligned to the midpoint of the eyes (3,)."""
    x, y, z = (float(c) for c in eyes)
    z -= EYES_ABOVE * FRAME
    fov = 2 * np.rad2deg(np.arctan(FRAME / 2 / DISTANCE))
    scene = Scene(Camera((x, y - DISTANCE, z), (x, y, z), float(fov)))
    light = KEY * towards_light(factors)
    warmth, strength = factors["light_warmth"], factors["light_strength"]
    key = mix(COLD, WARM, warmth)
    scene.lamp([float(c) for c in light], (0, 0, -0.2), 3.2, key, 13.5 * strength)
    # The rim light stands behind, across from the key, and parts hair from backdrop.
    rim = (-4.5 if light[0] > 0 else 4.5, 2.4, 3.2)
    scene.lamp(rim, (0, 0, 0), 1.2, mix(key, (1, 1, 1), 0.5), 9.0)
    # Shadows take the other colour, as in a room with a window.
    scene.ambient(mix(COLD, WARM, 0.75 - 0.5 * warmth), 0.64)
    hung = texture(backdrop(factors))
    scene.shape("rectangle", matte(hung), (x, WALL, z), (2.2, 2.2, 1), (90, 0, 0))
    return scene
