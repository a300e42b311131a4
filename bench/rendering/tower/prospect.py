"""A prospect of a tower: tower, land and sky, framed so that it stands upright in the picture."""

from __future__ import annotations

import numpy as np

from bench.rendering.category import Factors
from bench.rendering.distance import turn
from bench.rendering.material import glossy
from bench.rendering.scene import Camera, Scene
from bench.rendering.tower.fittings import clocks, gallery, pole, top
from bench.rendering.tower.land import SEA_LEVEL, ground, standing
from bench.rendering.tower.roof import roof
from bench.rendering.tower.sky import mood_of, sky_picture, sun_colour, sun_direction
from bench.rendering.tower.wall import wall

FOV = 30.0  # degrees
FILL = 0.86  # of the picture's height
SEA = (0.10, 0.30, 0.38)


def build(factors: Factors) -> Scene:
    """The scene."""
    scene = Scene(camera(factors))
    yaw = turn(factors["yaw"])
    meshes = [wall(factors), roof(factors), ground(factors)]
    if factors["flag"] or factors["roof"] != "crenellated":
        meshes.append(pole(factors))
    if factors["gallery"]:
        meshes.append(gallery(factors))
    if factors["clock"]:
        meshes.append(clocks(factors))
    about = standing(factors)
    if about is not None:
        meshes.append(about)
    for mesh in meshes:
        scene.mesh(mesh.moved(yaw))
    if factors["surroundings"] == "sea":
        scene.shape("disk", glossy(SEA), at=(0, 0, SEA_LEVEL), size=4000.0)
    exposure = 0.74 if factors["surroundings"] == "snow" else 1.0
    scene.sky(sky_picture(factors), 0.82 * exposure * mood_of(factors).sky)
    strength = 1.6 * exposure * mood_of(factors).sun * factors["light_strength"]
    scene.sun(sun_direction(factors), sun_colour(factors), strength)
    return scene


def camera(factors: Factors) -> Camera:
    """From as far as fits the tower, a little above its foot."""
    height = top(factors)
    away = height / FILL / 2 / np.tan(np.deg2rad(FOV / 2))
    above = np.deg2rad(factors["camera_elevation"])
    aim = (0.0, 0.0, 0.5 * height - 0.01 * height)
    origin = (0.0, float(-away * np.cos(above)), float(aim[2] + away * np.sin(above)))
    return Camera(origin, aim, FOV)
