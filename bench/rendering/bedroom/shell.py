"""The room itself: floor, walls and the window in one of them."""

from __future__ import annotations

import numpy as np

from bench.rendering.bedroom.block import Wall, wall
from bench.rendering.bedroom.decor import flooring, hung, wallpaper
from bench.rendering.category import Factors
from bench.rendering.material import glossy, matte
from bench.rendering.scene import Scene

HEIGHT = 4.0  # of walls, metres: out of the viewer's sight
SCREEN = 9.0  # the window's wall goes on up to here, so that the sun comes through the window alone
SILL, LINTEL = 0.95, 2.15
WHITE = (0.94, 0.93, 0.91)
FOLD = 0.055  # radius of a curtain's fold


def shell(scene: Scene, factors: Factors) -> None:
    """Floor and three walls."""
    half, depth = factors["room_width"] / 2, factors["room_depth"]
    low, high = (-half, -1.6), (half, depth)
    # Seen from above with y up in the picture, as the floor's own coordinates run.
    paved = hung(flooring(factors, low, high))
    lacquered = factors["floor"] != "carpet"
    middle, size = (low[1] + high[1]) / 2, (high[1] - low[1]) / 2
    scene.shape(
        "rectangle", (glossy if lacquered else matte)(paved), (0, middle, 0), (half, size, 1)
    )
    for name in ("left", "back", "right"):
        side = wall(name, factors)
        if name == factors["window_wall"]:
            opened(scene, factors, side)
        else:
            papered(scene, factors, side, (side.span[0], 0), (side.span[1], HEIGHT))
        board = (side.span[0], 0, 0), (side.span[1], 0.02, 0.1)
        side.block(scene, matte(WHITE), *board)


def papered(
    scene: Scene, factors: Factors, side: Wall, low: tuple[float, float],
    high: tuple[float, float],
) -> None:  # fmt: skip
    """A piece of wall."""
    side.sheet(scene, matte(hung(wallpaper(factors, low, high))), low, high)


def place_of_window(factors: Factors, side: Wall) -> tuple[float, float]:
    """Where it begins and ends along its wall: away from the headboard, or over it."""
    width = factors["window_width"]
    if side.name == "back":
        shift = {"left": 0.24, "middle": 0.0, "right": -0.24}[factors["bed_place"]]
        middle = shift * side.width
    else:
        middle = 0.62 * side.depth
    return middle - width / 2, middle + width / 2


def opened(scene: Scene, factors: Factors, side: Wall) -> None:
    """A wall with its window: wall around it, frame, curtains."""
    start, end = side.span
    left, right = place_of_window(factors, side)
    papered(scene, factors, side, (start, 0), (left, HEIGHT))
    papered(scene, factors, side, (right, 0), (end, HEIGHT))
    papered(scene, factors, side, (left, 0), (right, SILL))
    papered(scene, factors, side, (left, LINTEL), (right, HEIGHT))
    side.sheet(scene, matte(WHITE), (start - 6, HEIGHT), (end + 6, SCREEN))
    frame = matte(WHITE)
    bar, deep = 0.035, 0.06
    middle, cross = (left + right) / 2, SILL + 0.62 * (LINTEL - SILL)
    for at in (left, middle, right):
        side.block(scene, frame, (at - bar, -deep, SILL), (at + bar, 0.02, LINTEL))
    for up in (SILL, cross, LINTEL):
        side.block(scene, frame, (left, -deep, up - bar), (right, 0.02, up + bar))
    side.block(scene, frame, (left - 0.08, 0, SILL - 0.06), (right + 0.08, 0.16, SILL - 0.03))
    curtains(scene, factors, side, left, right)


def curtains(scene: Scene, factors: Factors, side: Wall, left: float, right: float) -> None:
    """Two curtains in folds, on a rod."""
    cloth = matte(factors["curtain_colour"])
    width = 0.22 + factors["curtains"] * 0.3 * (right - left)
    folds = max(int(width / (1.6 * FOLD)), 2)
    top, bottom = LINTEL + 0.16, 0.12
    for start in (left - 0.2, right + 0.2 - width):
        for index, along in enumerate(np.linspace(start + FOLD, start + width - FOLD, folds)):
            spot = side.spot(float(along), 0.12 + 0.035 * (index % 2), bottom)
            scene.shape("cylinder", cloth, spot, (FOLD, FOLD, top - bottom))
    side.block(
        scene, matte((0.35, 0.3, 0.26)), (left - 0.32, 0.1, top), (right + 0.32, 0.14, top + 0.04)
    )
