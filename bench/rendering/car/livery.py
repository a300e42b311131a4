"""What is painted, glazed or fitted where: the colours of a car body's surface."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bench.rendering.arrays import Array, array
from bench.rendering.car.outline import Outline
from bench.rendering.category import Factors
from bench.rendering.colour import mix
from bench.rendering.distance import polygon
from bench.rendering.pattern import smoothstep

SOFT = 0.018  # metres over which one colour turns into the next: half the mesh's step
DARK, CHROME = (0.09, 0.09, 0.1), (0.74, 0.75, 0.77)
LENS, RED = (0.93, 0.95, 0.97), (0.72, 0.05, 0.05)
GLASS_LIGHT, GLASS_DARK = (0.34, 0.42, 0.48), (0.045, 0.05, 0.06)


class Livery:
    """Colours (V, 3) of vertices and normals, both in the car's own frame."""

    def __init__(self, factors: Factors, shape: Outline) -> None:
        self.factors, self.shape = factors, shape

    def __call__(self, vertices: Array, normals: Array) -> Array:
        self.x, self.side, self.z = vertices[:, 0], np.abs(vertices[:, 1]), vertices[:, 2]
        self.front, self.flank = normals[:, 0], np.abs(normals[:, 1])
        self.top = normals[:, 2]
        self.colours = np.broadcast_to(array(self.factors["body_colour"]), vertices.shape)
        self.paint()
        self.seams()
        self.trim()
        self.windows(vertices)
        self.front_end()
        self.rear_end()
        self.hollows()
        return self.colours

    def lay(self, colour: ArrayLike, distance: Array, where: ArrayLike = True) -> None:
        """Colour where `distance` is negative, as far as `where` allows."""
        share = smoothstep(SOFT, -SOFT, distance) * array(where)
        self.colours = mix(self.colours, colour, share)

    def paint(self) -> None:
        """The second colour."""
        second, shape = self.factors["second_colour"], self.shape
        kind = self.factors["paint"]
        if kind == "roof":
            self.lay(second, shape.belt + 0.02 - self.z)
        elif kind == "flank":
            self.lay(second, self.z - 0.62 * shape.belt)
        elif kind == "stripes":
            pair = array(np.abs(self.side - 0.24) - 0.13)
            self.lay(second, pair, (self.top > 0.2) | (np.abs(self.front) > 0.6))

    def seams(self) -> None:
        """Gaps of doors and the bonnet, and handles."""
        shape, flank = self.shape, self.flank > 0.6
        doors = (shape.cowl - 0.22, *shape.pillars)
        sill, belt = shape.clearance + 0.17, shape.belt
        for x in doors:
            upright = np.abs(self.x - x) - 0.012
            self.lay(0.35 * self.colours, upright, flank & (self.z > sill) & (self.z < belt))
        for x in doors[1:]:
            handle = rectangle(self.x - (x + 0.16), self.z - (belt - 0.13), 0.09, 0.022)
            self.lay(CHROME if self.factors["trim"] == "chrome" else DARK, handle, flank)

    def trim(self) -> None:
        """Sills and bumpers."""
        shape, kind = self.shape, self.factors["trim"]
        self.lay(DARK, self.z - (shape.clearance + 0.08))
        if kind == "painted":
            return
        bumper = np.abs(self.z - (shape.clearance + 0.2)) - (0.1 if kind == "dark" else 0.055)
        ends = smoothstep(shape.half - 0.5, shape.half - 0.42, np.abs(self.x))
        self.lay(DARK if kind == "dark" else CHROME, bumper, ends)

    def windows(self, vertices: Array) -> None:
        """Windscreen, rear window and side windows between their posts."""
        shape = self.shape
        rise = smoothstep(shape.belt, shape.height, self.z)
        light = mix(0.5 * array(GLASS_LIGHT), GLASS_LIGHT, rise)
        pane = mix(light, GLASS_DARK, np.full_like(rise, 0.25 + 0.75 * self.factors["window_tint"]))
        inside = polygon(vertices[:, ::2], shape.cabin)
        opening = np.maximum(inside + 0.055, shape.belt + 0.035 - self.z)
        for x in shape.pillars:
            opening = np.maximum(opening, 0.035 - np.abs(self.x - x))
        if self.factors["body"] == "van":
            opening = np.maximum(opening, shape.pillars[0] - self.x)
        self.lay(pane, opening, smoothstep(0.45, 0.6, self.flank))
        width = shape.cabin_width(self.x, self.z)
        across = np.maximum(self.side - (width - 0.075), shape.belt + 0.025 - self.z)
        across = np.maximum(across, self.z - (shape.height - 0.085))
        sloping = smoothstep(0.2, 0.32, np.abs(self.front)) * (self.flank < 0.6)
        self.lay(pane, across, sloping)

    def front_end(self) -> None:
        """Headlamps, grille and number plate."""
        shape, kind = self.shape, self.factors["headlights"]
        ahead = (self.x > shape.half - 0.55) & (self.front > 0.12)
        lamp_z, lamp_y = shape.nose - 0.15, shape.width / 2 - 0.3
        y, z = self.side - lamp_y, self.z - lamp_z
        if kind == "round":
            lamp = np.hypot(y, z) - 0.125
        elif kind == "wide":
            lamp = rectangle(y, z, 0.2, 0.075)
        else:
            lamp = rectangle(y, z - 0.25 * y, 0.25, 0.04)
        self.lay(DARK, lamp - 0.028, ahead)
        self.lay(LENS, lamp, ahead)
        self.grille(lamp_z, lamp_y, ahead)
        plate = rectangle(self.side, self.z - (shape.clearance + 0.2), 0.25, 0.058)
        self.lay(self.factors["plate_colour"], plate, ahead)

    def grille(self, lamp_z: float, lamp_y: float, ahead: ArrayLike) -> None:
        """The mouth between and below the headlamps."""
        kind, z = self.factors["grille"], self.z
        if kind == "none":
            return
        if kind == "wide":
            mouth = rectangle(self.side, z - lamp_z, lamp_y - 0.1, 0.08)
        else:
            mouth = rectangle(self.side, z - (lamp_z - 0.06), 0.36, 0.13)
        self.lay(CHROME, mouth - 0.03, ahead)
        self.lay(DARK, mouth, ahead)
        if kind == "bars":
            self.lay(CHROME, np.maximum(mouth, np.abs(z - (lamp_z - 0.06)) - 0.022), ahead)

    def rear_end(self) -> None:
        """Tail lamps and number plate."""
        shape, kind = self.shape, self.factors["rear_lights"]
        behind = (self.x < -shape.half + 0.5) & (self.front < -0.12)
        y, z = self.side - (shape.width / 2 - 0.26), self.z - (shape.tail - 0.2)
        if kind == "round":
            lamp = np.hypot(y, z) - 0.105
        elif kind == "upright":
            lamp = rectangle(y - 0.05, z + 0.04, 0.075, 0.15)
        else:
            lamp = rectangle(self.side, z, shape.width / 2 - 0.14, 0.05)
        self.lay(DARK, lamp - 0.025, behind)
        self.lay(RED, lamp, behind)
        plate = rectangle(self.side, z + 0.24, 0.25, 0.058)
        self.lay(self.factors["plate_colour"], plate, behind)

    def hollows(self) -> None:
        """Black within the wheel arches."""
        shape = self.shape
        axle = np.where(self.x > 0, shape.front_axle, shape.rear_axle)
        around = np.hypot(self.x - axle, self.z - shape.wheel) - (shape.wheel + 0.085)
        within = np.maximum(around, self.side - (shape.hull_width(self.x, self.z) - 0.045))
        self.lay((0.02, 0.02, 0.02), within)


def rectangle(u: ArrayLike, v: ArrayLike, half_u: float, half_v: float) -> Array:
    """Distance to a rectangle about the origin, exact inside, its corners square outside."""
    return array(np.maximum(np.abs(u) - half_u, np.abs(v) - half_v))
