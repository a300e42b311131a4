"""A category that renders in moments: a ball on nothing. It stands in for `bench.rendering.face`."""

from __future__ import annotations

from bench.rendering.category import Draw, Factors
from bench.rendering.material import matte
from bench.rendering.scene import Camera, Scene


def identity(draw: Draw) -> Factors:
    return {"colour": draw.colour((0.6, 0.4, 0.3), 0.2)}


def view(draw: Draw, identity: Factors) -> Factors:
    return {"height": draw.uniform(-0.5, 0.5)}


def build(factors: Factors) -> Scene:
    scene = Scene(Camera((0, -6, 0), (0, 0, 0)))
    scene.ambient((0.8, 0.8, 0.9))
    scene.sun((1, 1, -1), (1, 1, 1), 2)
    scene.shape("sphere", matte(factors["colour"]), (0, 0, factors["height"]))
    return scene
