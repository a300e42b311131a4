"""The measures of a car body: its side view as two outlines, and how wide it is where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.rendering.arrays import Array
from bench.rendering.category import Factors


@dataclass(frozen=True)
class Outline:
    """Metres; x forwards from the middle, z up from the ground."""

    length: float
    width: float
    height: float
    belt: float  # height of the lower edge of the windows
    nose: float  # height of the bonnet's front edge
    tail: float  # height of the boot's rear edge
    cowl: float  # x where the windscreen rises from the bonnet
    roof_front: float
    roof_rear: float
    back: float  # x where the rear window meets the boot
    clearance: float
    wheel: float  # radius
    front_axle: float
    rear_axle: float
    pillars: tuple[float, ...]  # x of the posts between side windows, doors end there too

    @property
    def half(self) -> float:
        """From the middle to either bumper."""
        return self.length / 2

    @property
    def hull(self) -> list[tuple[float, float]]:
        """The body below the windows, (x, z) from the rear underside round over the top."""
        end, deck = self.half, max(self.tail, self.belt)
        bonnet = (self.cowl + end) / 2, 0.5 * self.belt + 0.5 * self.nose + 0.035
        return [
            (0.2 - end, self.clearance),
            (0.03 - end, self.clearance + 0.16),
            (-end, 0.62 * self.tail),
            (0.07 - end, self.tail),
            (self.back, deck),
            (self.cowl, self.belt),
            bonnet,
            (end - 0.2, self.nose),
            (end - 0.05, self.nose - 0.1),
            (end, self.nose - 0.28),
            (end - 0.02, self.clearance + 0.15),
            (end - 0.2, self.clearance),
        ]

    @property
    def cabin(self) -> list[tuple[float, float]]:
        """The part with the windows, reaching down into the hull."""
        foot = self.belt - 0.12
        middle = (self.roof_front + self.roof_rear) / 2
        return [
            (self.back - 0.03, foot),
            (self.back, self.belt),
            (self.roof_rear, self.height - 0.03),
            (middle, self.height),
            (self.roof_front, self.height - 0.03),
            (self.cowl, self.belt),
            (self.cowl + 0.05, foot),
        ]

    def hull_width(self, x: Array, z: Array) -> Array:
        """Half width: rounded at the bumpers, a shoulder along the flank."""
        ends = 0.17 * (np.abs(x) / self.half) ** 5
        flank = 0.07 * ((z - 0.72 * self.belt) / self.belt) ** 2
        width: Array = self.width / 2 - ends - flank
        return width

    def cabin_width(self, x: Array, z: Array) -> Array:
        """Half width: leaning inwards, narrower at the windscreen and the rear window."""
        lean = 0.3 if self.height < 1.9 else 0.17
        share = (x - (self.cowl + self.back) / 2) / (self.cowl - self.back)
        width: Array = self.width / 2 - 0.06 - lean * (z - self.belt) - 0.3 * np.abs(share) ** 3
        return width


OUTLINES = {
    "hatchback": Outline(
        3.9, 1.74, 1.5, 0.93, 0.8, 0.98, 1.0, 0.35, -1.45, -1.84, 0.2, 0.32, 1.25, -1.22, (-0.35,)
    ),
    "sedan": Outline(
        4.6, 1.8, 1.44, 0.92, 0.78, 0.96, 1.0, 0.25, -1.0, -1.62, 0.2, 0.33, 1.42, -1.32, (-0.35,)
    ),
    "coupe": Outline(
        4.35, 1.86, 1.27, 0.84, 0.7, 0.88, 0.75, 0.0, -0.7, -1.75, 0.17, 0.34, 1.38, -1.28, (-0.6,)
    ),
    "suv": Outline(
        4.5, 1.9, 1.74, 1.08, 1.0, 1.12, 1.08, 0.5, -1.9, -2.14, 0.3, 0.38, 1.42, -1.35,
        (-0.3, -1.25),
    ),
    "van": Outline(
        4.7, 1.9, 1.98, 1.12, 0.98, 1.2, 1.85, 1.1, -2.15, -2.26, 0.25, 0.34, 1.52, -1.42,
        (0.35, -0.9),
    ),
    "pickup": Outline(
        5.1, 1.9, 1.76, 1.08, 1.0, 1.06, 1.15, 0.55, -0.45, -0.62, 0.32, 0.4, 1.62, -1.5, (0.1,)
    ),
}  # fmt: skip


def outline(factors: Factors) -> Outline:
    """The measures of this car."""
    usual = OUTLINES[factors["body"]]
    long, high = factors["length_scale"], factors["height_scale"]
    return Outline(
        length=usual.length * long,
        width=usual.width,
        height=usual.height * high,
        belt=usual.belt * high,
        nose=usual.nose * high,
        tail=usual.tail * high,
        cowl=usual.cowl * long,
        roof_front=usual.roof_front * long,
        roof_rear=usual.roof_rear * long,
        back=usual.back * long,
        clearance=usual.clearance,
        wheel=usual.wheel * factors["wheel_scale"],
        front_axle=usual.front_axle * long,
        rear_axle=usual.rear_axle * long,
        pillars=tuple(x * long for x in usual.pillars),
    )
