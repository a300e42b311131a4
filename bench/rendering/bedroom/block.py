"""Boxes along a wall: where things stand, said from the wall they stand at."""

from __future__ import annotations

from dataclasses import dataclass

from bench.rendering.category import Factors
from bench.rendering.material import Material
from bench.rendering.scene import Scene

Spot = tuple[float, float, float]


@dataclass(frozen=True)
class Wall:
    """A wall by name: spots are (along it, out from it, up), metres.

    Along is y for side walls, from the doorway to the back, and x for the back wall.
    """

    name: str  # left, back or right
    width: float  # of the room
    depth: float

    def spot(self, along: float, out: float, up: float) -> Spot:
        """The same spot in the room."""
        if self.name == "back":
            return along, self.depth - out, up
        side = -1 if self.name == "left" else 1
        return side * (self.width / 2 - out), along, up

    def block(self, scene: Scene, material: Material, low: Spot, high: Spot) -> None:
        """A box between two corners."""
        first, second = self.spot(*low), self.spot(*high)
        centre = [(a + b) / 2 for a, b in zip(first, second, strict=True)]
        half = [abs(a - b) / 2 for a, b in zip(first, second, strict=True)]
        scene.shape("cube", material, centre, half)

    def sheet(
        self, scene: Scene, material: Material, low: tuple[float, float],
        high: tuple[float, float], out: float = 0.0,
    ) -> None:  # fmt: skip
        """A flat piece from (along, up) to (along, up), facing the room."""
        along, up = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
        size = (high[0] - low[0]) / 2, (high[1] - low[1]) / 2, 1
        facing = {"left": (90, 0, 90), "back": (90, 0, 0), "right": (90, 0, 90)}[self.name]
        scene.shape("rectangle", material, self.spot(along, out, up), size, facing)

    @property
    def span(self) -> tuple[float, float]:
        """Where it begins and ends; side walls begin behind the viewer."""
        if self.name == "back":
            return -self.width / 2, self.width / 2
        return -1.6, self.depth


def wall(name: str, factors: Factors) -> Wall:
    """The wall of that name."""
    return Wall(name, factors["room_width"], factors["room_depth"])
