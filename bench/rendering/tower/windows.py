"""Windows and the door: where they are on a wall, and what colour and depth they give it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bench.rendering.arrays import Array, array
from bench.rendering.category import Factors
from bench.rendering.colour import Rgb, mix
from bench.rendering.pattern import smoothstep

SIZES: Mapping[str, tuple[float, float]] = {  # half width, half height
    "arched": (0.29, 0.46),
    "square": (0.30, 0.36),
    "slits": (0.13, 0.46),
    "round": (0.31, 0.31),
}
FRAME = 0.11
RECESS = 0.14
GLASS: Rgb = (0.10, 0.13, 0.18)
LIT: Rgb = (1.0, 0.84, 0.42)
DOOR = (0.46, 0.62)  # half width, height up to the arch


def opening(across: Array, up: Array, kind: str, size: float) -> Array:
    """Signed distance (about) to a window's edge, from its middle: negative within."""
    half, tall = (side * size for side in SIZES[kind])
    if kind == "round":
        return array(np.hypot(across, up) - half)
    if kind == "arched":
        spring = tall - half
        arch = np.hypot(across, np.maximum(up - spring, 0)) - half
        return array(np.maximum(arch, -up - tall))
    return array(np.maximum(np.abs(across) - half, np.abs(up) - tall))


def windowed(
    colours: Array, relief: Array, around: Array, z: Array, factors: Factors, plan_length: float
) -> tuple[Array, Array]:
    """A wall (R, C, 3) and its relief (R, C) with windows let in, storey by storey.

    `around` and `z` are (R, C): the way along the wall from the door's middle, and the height.
    `plan_length` is the way all around.
    """
    storeys, number = factors["storeys"], factors["windows_a_storey"]
    height, bay = 7.0 / storeys, plan_length / number
    shift = bay_shift(factors)
    column = np.round(around / bay - shift)
    across = around - (column + shift) * bay
    storey = np.clip(np.floor(z / height), 0, storeys - 1)
    up = z - (storey + 0.52) * height
    size = min(factors["window_size"], bay / 0.95, height / 1.5)
    edge = opening(across, up, factors["windows"], size)
    # The ground floor has the door in the middle of its front, and no window near it.
    edge = np.where((storey == 0) & (np.abs(around) < 0.95), 1, edge)
    if factors["clock"]:  # which takes the place of the top storey's windows
        edge = np.where(storey == storeys - 1, 1, edge)
    return set_in(colours, relief, (across, up, edge), glass(column, storey, factors), factors)


def bay_shift(factors: Factors) -> float:
    """How far, in windows' distances, the first window is from the middle of the door's side.

    A side's windows lie evenly about its middle: an even number of them leaves it free.
    """
    sides = {"square": 4, "octagonal": 8}.get(factors["plan"], 1)
    return 0.5 if sides > 1 and (factors["windows_a_storey"] // sides) % 2 == 0 else 0.0


def set_in(
    colours: Array, relief: Array, window: tuple[Array, Array, Array], pane: Array, factors: Factors
) -> tuple[Array, Array]:
    """Frame, glazing bars and panes."""
    across, up, edge = window
    inside = smoothstep(0.02, -0.02, edge)
    frame = smoothstep(FRAME + 0.02, FRAME - 0.02, edge)
    colours = mix(colours, factors["trim_colour"], frame)
    if factors["windows"] != "slits":
        bars = np.minimum(np.abs(across), np.abs(up))
        pane = mix(pane, factors["trim_colour"], 0.7 * smoothstep(0.05, 0.02, bars))
    return mix(colours, pane, inside), array(relief + 0.04 * frame - (RECESS + 0.04) * inside)


def glass(column: Array, storey: Array, factors: Factors) -> Array:
    """Colour of the panes: some windows are lit, each as a whole."""
    table = np.random.default_rng(factors["wall_seed"]).random((16, 8), np.float32)
    draw = table[column.astype(int) % 16, storey.astype(int) % 8]
    lit = (draw < factors["lit_windows"]).astype(np.float32)
    return mix(np.broadcast_to(array(GLASS), (*lit.shape, 3)), LIT, lit)


def doored(
    colours: Array, relief: Array, around: Array, z: Array, factors: Factors
) -> tuple[Array, Array]:
    """The wall with the door let in at its front."""
    half, spring = DOOR
    edge = np.hypot(around, np.maximum(z - spring, 0)) - half
    frame, inside = smoothstep(0.17, 0.13, edge), smoothstep(0.02, -0.02, edge)
    boards = 0.88 + 0.2 * (np.sin(2 * np.pi * around / 0.23) > 0)
    colours = mix(colours, factors["trim_colour"], frame)
    colours = mix(colours, array(factors["door_colour"]) * 0.8 * boards[..., None], inside)
    return colours, array(relief + 0.05 * frame - 0.17 * inside)
