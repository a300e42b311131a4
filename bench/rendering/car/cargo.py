"""What rides on the roof: rails, a box or a surfboard."""

from __future__ import annotations

from bench.rendering.arrays import Array, array
from bench.rendering.car.outline import Outline
from bench.rendering.category import Factors
from bench.rendering.distance import box, ellipsoid, turn
from bench.rendering.material import glossy, satin
from bench.rendering.scene import Scene
from bench.rendering.surface import surface

RAIL = (0.13, 0.13, 0.14)


def cargo(scene: Scene, factors: Factors, shape: Outline) -> None:
    """Fits the roof's load."""
    load = factors["roof_load"]
    if load == "bare":
        return
    middle, half = (
        (shape.roof_front + shape.roof_rear) / 2,
        (shape.roof_front - shape.roof_rear) / 2,
    )
    heading = turn(yaw=factors["yaw"] - 90)
    facing = (0.0, 0.0, factors["yaw"] - 90)
    top = float(shape.height)
    width = float(shape.cabin_width(array((middle,)), array((top,)))[0])

    def bar(at: tuple[float, float, float], size: tuple[float, float, float]) -> None:
        spot = [float(c) for c in heading @ array(at)]
        scene.shape("cube", satin(RAIL), spot, size, facing)

    if load == "rails":
        for side in (-1, 1):
            bar((middle, side * (width - 0.08), top + 0.075), (half, 0.025, 0.025))
            for end in (-1, 1):
                foot = middle + end * (half - 0.1), side * (width - 0.08), top + 0.03
                bar(foot, (0.04, 0.025, 0.05))
    for share in (-0.55, 0.55):
        bar((middle + share * half, 0, top + 0.06), (0.03, width - 0.05, 0.022))
    if load == "rails":
        return

    def distance(points: Array) -> Array:
        if load == "board":
            return ellipsoid(points, (middle, 0, top + 0.13), (1.3, 0.3, 0.055))
        return box(points, (middle, 0, top + 0.24), (0.85 * half + 0.2, 0.42, 0.17), 0.12)

    reach = array((1.45, 0.55, 0.3))
    centre = array((middle, 0, top + 0.2))
    mesh = surface(distance, factors["load_colour"], centre - reach, centre + reach, 0.04)
    scene.mesh(mesh.moved(heading), glossy())
