"""The portrait: every part made, turned with the head, and put into the studio."""

from __future__ import annotations

from bench.rendering.arrays import array
from bench.rendering.category import Factors
from bench.rendering.distance import turn
from bench.rendering.face import beard, body, brows, eyes, glasses, hair, mouth
from bench.rendering.face.head import Head
from bench.rendering.face.studio import studio, towards_light
from bench.rendering.material import glossy, matte
from bench.rendering.scene import Scene

PIVOT = (0.0, 0.15, -0.75)  # where the neck turns
FOLLOW = 0.35  # of the head's yaw, the shoulders turn too


def build(factors: Factors) -> Scene:
    """The scene of a portrait."""
    head = Head(factors)
    pose = turn(factors["yaw"], -factors["pitch"], factors["roll"])
    pivot = array(PIVOT)
    offset = pivot - pose @ pivot
    scene = studio(factors, pose @ (head.eye * array([0, 1, 1])) + offset)

    cloth = skin = matte()
    light = pose.T @ towards_light(factors)
    parts = [
        (skin, [head.mesh(), *eyes.lids(head), *mouth.mouth(head)]),
        (glossy(), [*eyes.eyes(head, light), *glasses.glasses(head)]),
        (cloth, [brows.brows(head), *hair.hair(head), *beard.beard(head)]),
    ]
    for material, meshes in parts:
        for mesh in meshes:
            scene.mesh(mesh.moved(pose, offset), material)
    shoulders = turn(FOLLOW * factors["yaw"])
    scene.mesh(body.neck(head, array(body.BASE)).moved(shoulders), skin)
    scene.mesh(body.clothes(head).moved(shoulders), cloth)
    return scene
