"""What surfaces are made of, as Mitsuba's descriptions: plain data, nothing is loaded here."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from bench.rendering.arrays import Array
from bench.rendering.colour import to_linear

Material = dict[str, Any]


def rgb(colour: ArrayLike) -> dict[str, Any]:
    """An sRGB colour."""
    return {"type": "rgb", "value": [float(c) for c in to_linear(colour)]}


VERTEX = {"type": "mesh_attribute", "name": "vertex_color"}


def texture(picture: Array, repeat: tuple[float, float] = (1, 1)) -> dict[str, Any]:
    """A picture (H, W, 3), sRGB in [0, 1], laid on by the shape's own coordinates."""
    return {"type": "bitmap", "picture": to_linear(picture), "repeat": repeat}


def matte(colour: ArrayLike | dict[str, Any] = VERTEX) -> Material:
    """Cloth, plaster, skin: a colour, a `texture`, or by default a mesh's own colours."""
    return {"type": "twosided", "bsdf": {"type": "diffuse", "reflectance": dye(colour)}}


def glossy(colour: ArrayLike | dict[str, Any] = VERTEX) -> Material:
    """Lacquer, wet eyes, polished wood: a colour under a smooth clear coat."""
    if colour is VERTEX:  # Mitsuba's plastics need the mean of their texture; a mesh has none
        return enamel(0.05)
    return {"type": "twosided", "bsdf": {"type": "plastic", "diffuse_reflectance": dye(colour)}}


def satin(colour: ArrayLike | dict[str, Any] = VERTEX, roughness: float = 0.25) -> Material:
    """Leather, lips, painted metal: a colour under a rough coat."""
    if colour is VERTEX:
        return enamel(roughness)
    coat = {"type": "roughplastic", "diffuse_reflectance": dye(colour), "alpha": roughness}
    return {"type": "twosided", "bsdf": coat}


def enamel(roughness: float) -> Material:
    """A mesh's own colours under a coat."""
    coat = {"type": "principled", "base_color": VERTEX, "roughness": roughness, "specular": 0.8}
    return {"type": "twosided", "bsdf": coat}


def metal(colour: ArrayLike, roughness: float = 0.15) -> Material:
    """Chrome, brass: a tinted mirror."""
    body = {"type": "roughconductor", "specular_reflectance": rgb(colour), "alpha": roughness}
    return {"type": "twosided", "bsdf": body}


def dye(colour: ArrayLike | dict[str, Any]) -> dict[str, Any]:
    """A colour's description; descriptions pass."""
    return colour if isinstance(colour, dict) else rgb(colour)
