"""The picture of a car: car, place, light and a viewer far enough away."""

from __future__ import annotations

import numpy as np

from bench.rendering.arrays import array
from bench.rendering.car.body import body
from bench.rendering.car.cargo import cargo
from bench.rendering.car.outline import Outline, outline
from bench.rendering.car.place import place
from bench.rendering.car.wheel import HALF, wheel
from bench.rendering.category import Factors
from bench.rendering.distance import turn
from bench.rendering.material import glossy, matte
from bench.rendering.scene import Camera, Scene

FOV = 26.0  # degrees: a short telephoto lens, as cars are photographed
RAISED = 0.22  # metres the viewer aims above the middle: more backdrop than ground
INSET = 0.03  # of the wheels within the flank, metres


def build(factors: Factors) -> Scene:
    """The scene of a car's factors."""
    shape = outline(factors)
    scene = Scene(camera(factors, shape))
    heading = turn(yaw=factors["yaw"] - 90)
    scene.mesh(body(factors, shape).moved(heading), glossy())
    tyre = wheel(factors, shape)
    for axle in (shape.front_axle, shape.rear_axle):
        for side in (-1, 1):
            mount = axle, side * (shape.width / 2 - INSET - HALF), shape.wheel
            facing = heading if side < 0 else heading @ turn(yaw=180)
            scene.mesh(tyre.moved(facing, heading @ array(mount)), matte())
    cargo(scene, factors, shape)
    place(scene, factors)
    return scene


def camera(factors: Factors, shape: Outline) -> Camera:
    """A viewer to whom the car fills its share of the width."""
    tall = shape.height + (0.2 if factors["roof_load"] in ("box", "board") else 0.0)
    heading = turn(yaw=factors["yaw"] - 90)
    # Corners of a box drawn in a little: bumpers are round, none reaches the box's corners.
    corners = np.array(np.meshgrid((-0.93, 0.93), (-0.88, 0.88), (0, 1))).reshape(3, -1).T
    corners = corners * (shape.half, shape.width / 2, tall) @ heading.T
    across, along, up = corners.T
    low = np.deg2rad(factors["pitch"])
    target = np.array((0, 0, 0.5 * tall + RAISED))
    wide = np.tan(np.deg2rad(FOV / 2))
    ahead = along * np.cos(low) - (up - target[2]) * np.sin(low)
    # Each corner must lie within the frame: its distance from the axis over its depth. The box's
    # width fills its share; a car seen from the front may not be taller than the frame either.
    rise = (up - target[2]) * np.cos(low) + along * np.sin(low)
    need = np.maximum(np.abs(across) / factors["fill"], np.abs(rise) / 0.84) / wide - ahead
    distance = float(need.max())
    origin = target + distance * np.array((0, -np.cos(low), np.sin(low)))
    return Camera(origin=[float(c) for c in origin], target=[0, 0, float(target[2])], fov=FOV)
