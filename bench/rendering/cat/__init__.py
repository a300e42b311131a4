"""Cats: head and shoulders, the eyes at 45% of the height, as portraits of cats are aligned.

factors.py   what a cat and a view of it may be
head.py      skull, muzzle, eyes, ears
body.py      chest, collar, whiskers
coat.py      colours of the fur
backdrop.py  what is behind
portrait.py  all of it together
"""

from bench.rendering.cat.factors import FACTORS, identity, view
from bench.rendering.cat.portrait import build

__all__ = ["FACTORS", "build", "identity", "view"]
