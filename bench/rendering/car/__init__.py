"""Cars: six body types in their paint, on roads, meadows and studio floors, seen from all around.

In its own frame a car drives along +x, its middle over the origin, lengths in metres; `yaw` turns
it on the spot and the viewer stands back until it fills the width.
"""

from bench.rendering.car.factors import FACTORS, identity, view
from bench.rendering.car.shot import build

__all__ = ["FACTORS", "build", "identity", "view"]
