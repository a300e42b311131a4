"""Faces: puppets of clay, sat for a portrait.

`factors.py` says what may differ, `head.py` gives the shape that every other part is laid on, and
one file each makes eyes, brows, mouth, hair, beard, glasses, body and the studio around them. A
head unit is about half a head: the head is 2 high, the eyes lie at the height 0, the face looks
along -y, and a picture shows `studio.FRAME` units.
"""

from bench.rendering.face.factors import FACTORS, identity, view
from bench.rendering.face.portrait import build

__all__ = ["FACTORS", "build", "identity", "view"]
