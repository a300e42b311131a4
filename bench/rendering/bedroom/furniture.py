"""What stands along the walls and lies on the floor."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from bench.rendering.arrays import array
from bench.rendering.bedroom.bed import WIDTHS, bed_middle
from bench.rendering.bedroom.block import Wall, wall
from bench.rendering.bedroom.decor import hung, painting, rug
from bench.rendering.category import Factors
from bench.rendering.colour import hsv
from bench.rendering.material import glossy, matte
from bench.rendering.scene import Scene

LEAF = (0.22, 0.45, 0.2)
KNOB = (0.75, 0.68, 0.5)


def furniture(scene: Scene, factors: Factors) -> None:
    """Everything but the bed and the lamp."""
    for name in ("left", "right"):
        PIECES[factors[f"{name}_piece"]](scene, factors, wall(name, factors))
    nightstand(scene, factors)
    if factors["plant"]:
        plant(scene, factors)
    if factors["rug"] != "none":
        carpet(scene, factors)
    pictures(scene, factors)


def wardrobe(scene: Scene, factors: Factors, side: Wall) -> None:
    """Two doors with knobs."""
    wood = array(factors["wood_colour"])
    start, end, deep, tall = side.depth - 2.15, side.depth - 0.95, 0.55, 2.05
    side.block(scene, matte(wood), (start, 0, 0.06), (end, deep, tall))
    side.block(scene, matte(0.6 * wood), (start + 0.03, 0, 0), (end - 0.03, deep - 0.04, 0.06))
    side.block(
        scene, matte(0.85 * wood), (start - 0.03, 0, tall), (end + 0.03, deep + 0.03, tall + 0.06)
    )
    middle = (start + end) / 2
    for low, high, knob in ((start, middle, middle - 0.08), (middle, end, middle + 0.08)):
        door = (low + 0.03, deep, 0.12), (high - 0.015, deep + 0.02, tall - 0.05)
        side.block(scene, matte(np.clip(1.08 * wood + 0.02, 0, 0.95)), *door)
        scene.shape("sphere", glossy(KNOB), side.spot(knob, deep + 0.04, 1.0), 0.03)


def desk(scene: Scene, factors: Factors, side: Wall) -> None:
    """A desk with a chair before it, books and a vase on it."""
    wood = matte(factors["wood_colour"])
    start, end, deep, tall = side.depth - 2.3, side.depth - 1.1, 0.5, 0.74
    side.block(scene, wood, (start, 0, tall - 0.04), (end, deep, tall))
    for along in (start + 0.04, end - 0.04):
        for out in (0.05, deep - 0.05):
            side.block(scene, wood, (along - 0.03, out - 0.03, 0), (along + 0.03, out + 0.03, tall))
    chair(scene, factors, side, (start + end) / 2, deep + 0.02)
    up = tall
    for index, shade in enumerate((factors["curtain_colour"], factors["rug_colour"])):
        book = (end - 0.42 + 0.02 * index, 0.12, up), (end - 0.16, 0.36, up + 0.05)
        side.block(scene, matte(shade), *book)
        up += 0.05
    scene.shape(
        "sphere", glossy(factors["accent_colour"]), side.spot(start + 0.2, 0.22, tall + 0.1), 0.1
    )


def chair(scene: Scene, factors: Factors, side: Wall, along: float, out: float) -> None:
    """Its back to the room."""
    seat = matte(factors["accent_colour"])
    legs = matte(0.8 * array(factors["wood_colour"]))
    side.block(scene, seat, (along - 0.2, out - 0.2, 0.42), (along + 0.2, out + 0.2, 0.47))
    side.block(scene, seat, (along - 0.2, out + 0.17, 0.6), (along + 0.2, out + 0.2, 0.92))
    for x in (along - 0.17, along + 0.17):
        side.block(scene, legs, (x - 0.02, out - 0.19, 0), (x + 0.02, out - 0.15, 0.42))
        side.block(scene, legs, (x - 0.02, out + 0.16, 0), (x + 0.02, out + 0.2, 0.9))


def shelf(scene: Scene, factors: Factors, side: Wall) -> None:
    """Boards full of books."""
    random = np.random.default_rng(factors["picture_seed"])
    wood = matte(factors["wood_colour"])
    start, end, deep, tall = side.depth - 1.95, side.depth - 1.0, 0.32, 1.85
    side.block(scene, matte(0.8 * array(factors["wood_colour"])), (start, 0, 0), (end, 0.02, tall))
    for along in (start, end):
        side.block(scene, wood, (along - 0.02, 0, 0), (along + 0.02, deep, tall))
    for up in np.linspace(0.05, tall, 5):
        side.block(scene, wood, (start, 0, float(up) - 0.02), (end, deep, float(up) + 0.02))
    for up in np.linspace(0.05, tall, 5)[:-1]:
        along = start + 0.05
        while along < end - 0.2:
            thick, high = random.uniform(0.05, 0.13), random.uniform(0.22, 0.36)
            shade = hsv(random.random(), random.uniform(0.2, 0.65), random.uniform(0.4, 0.9))
            book = (along, 0.03, float(up)), (along + thick, deep - 0.05, float(up) + high)
            side.block(scene, matte(shade), *book)
            along += thick + (0.01 if random.random() < 0.85 else 0.15)


def nothing(scene: Scene, factors: Factors, side: Wall) -> None:
    """A free wall."""


def nightstand_middle(factors: Factors) -> float:
    """x of the nightstand: on the side of the bed with more room."""
    side = 1 if bed_middle(factors) <= 0 else -1
    return bed_middle(factors) + side * (WIDTHS[factors["bed"]] / 2 + 0.3)


def nightstand(scene: Scene, factors: Factors) -> None:
    """A little chest with two drawers."""
    back, middle = wall("back", factors), nightstand_middle(factors)
    wood = array(factors["wood_colour"])
    back.block(scene, matte(wood), (middle - 0.21, 0.05, 0.06), (middle + 0.21, 0.43, 0.52))
    for up in (0.2, 0.4):
        drawer = (middle - 0.18, 0.43, up - 0.08), (middle + 0.18, 0.445, up + 0.08)
        back.block(scene, matte(np.clip(1.1 * wood + 0.02, 0, 0.95)), *drawer)
        scene.shape("sphere", glossy(KNOB), back.spot(middle, 0.46, up), 0.024)


def plant(scene: Scene, factors: Factors) -> None:
    """In the corner away from the bed."""
    random = np.random.default_rng(factors["picture_seed"] + 1)
    side = -1 if bed_middle(factors) > 0 or factors["bed_place"] == "middle" else 1
    x, y = side * (factors["room_width"] / 2 - 0.32), factors["room_depth"] - 0.35
    pot = matte(factors["accent_colour"])
    scene.shape("cylinder", pot, (x, y, 0), (0.17, 0.17, 0.34))
    scene.shape("disk", matte((0.22, 0.16, 0.12)), (x, y, 0.33), 0.17)
    scene.shape("cylinder", matte((0.4, 0.32, 0.2)), (x, y, 0.3), (0.025, 0.025, 0.5))
    for _ in range(16):
        shade = array(LEAF) * random.uniform(0.7, 1.35)
        offset = random.normal(0, 1, 3)
        offset = offset / np.linalg.norm(offset) * (0.2, 0.2, 0.34) * random.uniform(0.6, 1)
        at = [float(c) for c in array((x, y, 0.98)) + offset]
        scene.shape("sphere", matte(shade), at, random.uniform(0.08, 0.14))


def carpet(scene: Scene, factors: Factors) -> None:
    """A rug before the bed."""
    x = -0.35 * bed_middle(factors)
    if factors["rug"] == "round":
        rings(scene, factors, x)  # a disk's own coordinates are polar: no weave fits
        return
    weave = hung(rug(factors["rug_colour"]))
    scene.shape("rectangle", matte(weave), (x, 1.0, 0.012), (1.0, 0.62, 1))


def rings(scene: Scene, factors: Factors, x: float) -> None:
    """A round rug, ring in ring."""
    colour = array(factors["rug_colour"])
    light = 0.45 * colour + 0.5
    for index, (shade, size) in enumerate(
        ((colour, 0.82), (light, 0.66), (colour, 0.58), (light, 0.3), (colour, 0.22))
    ):
        scene.shape("disk", matte(shade), (x, 1.05, 0.01 + 0.003 * index), size)


def pictures(scene: Scene, factors: Factors) -> None:
    """In frames on the back wall, over the bed; beside the window where it is there."""
    back = wall("back", factors)
    count = {"none": 0, "one": 1, "three": 3}[factors["pictures"]]
    middle = bed_middle(factors)
    if factors["window_wall"] == "back":
        if factors["bed_place"] == "middle":
            return
        middle *= 1.1
        count = min(count, 1)
    half = 0.3 if count == 1 else 0.19
    for index in range(count):
        along, up = middle + (index - (count - 1) / 2) * 0.52, 1.72
        frame = (
            (along - half - 0.04, 0, up - half - 0.04),
            (along + half + 0.04, 0.03, up + half + 0.04),
        )
        back.block(scene, matte(factors["wood_colour"]), *frame)
        art = matte(hung(painting(factors["picture_seed"] + index)))
        back.sheet(scene, art, (along - half, up - half), (along + half, up + half), 0.032)


PIECES: Mapping[str, Callable[[Scene, Factors, Wall], None]] = {
    "wardrobe": wardrobe,
    "desk": desk,
    "shelf": shelf,
    "none": nothing,
}
