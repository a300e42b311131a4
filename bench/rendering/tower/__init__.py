"""Towers: upright, filling 85% of the height, in a landscape under a sky.

factors.py   what a tower and a view of it may be
plan.py      outline of the plan, and sheets that follow it
wall.py      storeys of masonry or timber; windows.py  windows and door, painted and recessed
roof.py      what is on top; fittings.py  gallery, clock, flag
land.py      ground and what stands on it: plants.py, houses.py; sky.py  sky and sun
prospect.py  all of it together
"""

from bench.rendering.tower.factors import FACTORS, identity, view
from bench.rendering.tower.prospect import build

__all__ = ["FACTORS", "build", "identity", "view"]
