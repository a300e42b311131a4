"""A cat's portrait: its parts posed, lit and framed."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.cat.backdrop import backdrop
from bench.rendering.cat.body import bell_place, collar, torso, whiskers
from bench.rendering.cat.coat import body_colours, furred, head_colours
from bench.rendering.cat.head import EYE_HEIGHT, eye_centre, eyeball, head, nose, tongue
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.distance import turn
from bench.rendering.material import glossy, matte, metal
from bench.rendering.scene import Camera, Scene
from bench.rendering.surface import Mesh

FOV = 24.0  # degrees
AWAY = 7.6  # the frame is 3.2 units high at the head: 70% of it is head
EYES_AT = 0.45  # of the frame's height, from its top
PIVOT = array((0, 0.2, -0.35))  # the head turns about the top of the neck
FOLLOW = 0.7  # of the eyes' shift to a side, how much the camera follows
LAMP_AWAY = 9.5  # beyond the camera, or it would hang into low-lit pictures
COLD, WARM = (0.74, 0.86, 1.0), (1.0, 0.83, 0.58)


def build(factors: Factors) -> Scene:
    """The scene."""
    pose = turn(factors["yaw"], factors["pitch"], factors["roll"])

    def posed(mesh: Mesh) -> Mesh:
        return mesh.moved(pose, PIVOT - pose @ PIVOT)

    scene = Scene(camera(pose, factors))
    bare = head(factors)
    fur = furred(bare, head_colours(bare.vertices, factors), factors["coat_seed"])
    scene.mesh(posed(fur))
    for side in (-1, 1):
        scene.mesh(posed(eyeball(factors, side)), glossy())
    scene.mesh(posed(nose(factors)), glossy())
    scene.mesh(posed(whiskers(factors)))
    if factors["mouth"] != "closed":
        scene.mesh(posed(tongue(factors)), glossy())
    trunk = turn(0.35 * factors["yaw"])
    bare = torso(factors)
    fur = furred(bare, body_colours(bare.vertices, factors), factors["coat_seed"])
    scene.mesh(fur.moved(trunk))
    if factors["collar"] != "none":
        scene.mesh(collar(factors).moved(trunk), matte())
    if factors["collar"] == "bell":
        at = [float(c) for c in trunk @ array(bell_place(factors))]
        scene.shape("sphere", metal((0.95, 0.78, 0.36), 0.25), at=at, size=0.14)
    scene.mesh(backdrop(factors))
    light(scene, factors)
    return scene


def camera(pose: Array, factors: Factors) -> Camera:
    """Straight ahead, the eyes' midpoint at `EYES_AT` whatever the pose."""
    between = eye_centre(factors) * array((0, 1, 1)) + array((0, -0.1, 0))
    x, _, z = pose @ (between - PIVOT) + PIVOT
    height = 2 * AWAY * np.tan(np.deg2rad(FOV / 2))
    aim = (float(FOLLOW * x), 0.0, float(z - (0.5 - EYES_AT) * height))
    return Camera((aim[0], -AWAY, aim[2] + 0.15), aim, FOV)


def light(scene: Scene, factors: Factors) -> None:
    """A key light where the factors say, and light from all around."""
    around, above = np.deg2rad(factors["light_azimuth"]), np.deg2rad(factors["light_elevation"])
    key = array((np.sin(around) * np.cos(above), -np.cos(around) * np.cos(above), np.sin(above)))
    tint = mix(COLD, WARM, np.float32(factors["light_warmth"]))
    aim = (0.0, 0.0, EYE_HEIGHT)
    origin = [float(c) for c in LAMP_AWAY * key]
    scene.lamp(origin, aim, 0.25 * LAMP_AWAY, tint, 14.0 * factors["light_strength"])
    scene.ambient(mix((1, 1, 1), tint[::-1], np.float32(0.3)), 0.36)
