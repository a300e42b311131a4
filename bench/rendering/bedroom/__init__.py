"""Bedrooms: a bed by the back wall, a window, a lamp and what else people keep, from the doorway.

The floor is z = 0, the back wall lies at y = `room_depth`, the side walls at half of `room_width`;
lengths in metres. There is no ceiling: soft light comes in from above, walls reach out of sight.
"""

from bench.rendering.bedroom.factors import FACTORS, identity, view
from bench.rendering.bedroom.shot import build

__all__ = ["FACTORS", "build", "identity", "view"]
