"""The outline of a tower's plan, and sheets that follow it. The door is at -y."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bench.rendering.arrays import Array, array
from bench.rendering.sheet import sheet
from bench.rendering.surface import Mesh

SIDES = {"square": 4, "octagonal": 8}
# Distance from the axis to a side's middle at width 1: plans of one width look alike in bulk.
APOTHEM = {"round": 1.0, "square": 0.88, "octagonal": 0.96}


@dataclass(frozen=True)
class Plan:
    """Points around the axis: angles from the door, and how far out the outline is there."""

    kind: str
    angle: Array  # (C,) radians, falling from pi to -pi; 0 is the door's side, the right positive
    reach: Array  # (C,) distance of the outline at width 1

    @property
    def sides(self) -> int:
        """Flat sides; none where the plan is round."""
        return SIDES.get(self.kind, 0)

    @property
    def around(self) -> Array:
        """(C,) the way along the outline from the middle of the door's side, at width 1."""
        if not self.sides:
            return self.angle
        turn = np.float32(2 * np.pi / self.sides)
        side = np.round(self.angle / turn)
        apothem = APOTHEM[self.kind]
        half = apothem * np.tan(turn / 2)
        return array(2 * half * side + apothem * np.tan(self.angle - side * turn))

    @property
    def length(self) -> float:
        """The way all around at width 1."""
        if not self.sides:
            return 2 * np.pi
        return float(2 * self.sides * APOTHEM[self.kind] * np.tan(np.pi / self.sides))

    def sheet(self, radius: ArrayLike, z: ArrayLike, colours: ArrayLike) -> Mesh:
        """A skin at widths (R, C) or (R, 1) and heights alike, rows from the bottom up."""
        out = array(radius) * self.reach
        x, y = out * np.sin(self.angle), -out * np.cos(self.angle)
        points = np.stack(np.broadcast_arrays(x, y, array(z)), -1)
        return sheet(array(points), colours, closed=True)

    def place(self, angle: float, width: float) -> tuple[float, float]:
        """x and y of the outline of a width at an angle from the door."""
        turn = 2 * np.pi / self.sides if self.sides else 1.0
        local = angle - round(angle / turn) * turn if self.sides else 0.0
        out = width * APOTHEM[self.kind] / np.cos(local)
        return float(out * np.sin(angle)), float(-out * np.cos(angle))


def plan_of(kind: str, columns: int) -> Plan:
    """A plan at evenly spread angles."""
    angle = np.linspace(np.pi, -np.pi, columns + 1, dtype=np.float32)
    if kind not in SIDES:
        return Plan(kind, angle, np.ones_like(angle))
    turn = np.float32(2 * np.pi / SIDES[kind])
    local = angle - np.round(angle / turn) * turn
    return Plan(kind, angle, array(APOTHEM[kind] / np.cos(local)))
