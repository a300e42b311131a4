"""What a cat and a view of it may be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bench.rendering.category import Draw, Factors
from bench.rendering.colour import Rgb

FACTORS: Mapping[str, str] = {
    "coat": "pattern of the fur: plain, tabby, bicolour, calico or colourpoint",
    "coat_colour": "ground colour of the fur, sRGB",
    "marking_colour": "stripes of a tabby, first patches of a calico, or points, sRGB; else unseen",
    "second_marking_colour": "second patches of a calico, sRGB; else unseen",
    "coat_seed": "seed of stripes, patches and grain",
    "stripe_density": "stripes of a tabby to a head's half width, 2.5 to 4.5; else unseen",
    "white_extent": "white of muzzle, blaze and bib: 0 none to 1 most of the face",
    "head_width": "half width of the skull, 0.92 to 1.1 (its height is 0.86)",
    "muzzle_length": "how far the muzzle stands out, 0 flat to 0.22 long",
    "cheek_fluff": "fur of the cheeks, 0 smooth to 1 bushy",
    "ear_shape": "pointed, rounded or folded",
    "ear_size": "length of the ears, 0.7 to 1.05",
    "ear_spread": "how far the ears lean outwards, 5 to 32 degrees",
    "inner_ear_colour": "skin inside the ears, sRGB; unseen in folded ones",
    "eye_colour": "iris of the eye on the viewer's left, sRGB",
    "other_eye_colour": "iris of the other eye, sRGB; differs in few cats",
    "eye_size": "radius of the eyes, 0.25 to 0.32",
    "eye_tilt": "how far outer corners are raised, 2 to 18 degrees",
    "nose_colour": "nose, sRGB",
    "whisker_length": "length of the longest whiskers, 0.7 to 1.3",
    "collar": "none, band or bell",
    "collar_colour": "colour of the collar, sRGB; unseen without one",
    "yaw": "turn of the head in degrees, -35 to 35; positive to the viewer's right",
    "pitch": "nod in degrees, -14 to 14; positive looks down",
    "roll": "tilt in degrees, -9 to 9; positive to the viewer's right",
    "pupil": "width of the pupils: 0.14 slit to 0.85 round",
    "eye_openness": "opening of the lids, 0.5 sleepy to 1 wide",
    "mouth": "closed, open, or tongue showing",
    "light_azimuth": "where the key light stands in degrees, -70 to 70; positive on the right",
    "light_elevation": "height of the key light in degrees, 15 to 60",
    "light_warmth": "colour of the key light, 0 cold to 1 warm",
    "light_strength": "strength of the key light, 0.75 to 1.2",
    "backdrop": "wall, sofa, blanket, garden or window",
    "backdrop_colour": "cloth, paint, curtain, or flowers of the garden, sRGB",
    "backdrop_seed": "seed of the backdrop's pattern",
}

BLACK, WHITE = (0.12, 0.11, 0.12), (0.94, 0.92, 0.88)
PLAIN: Mapping[str, Rgb] = {
    "black": BLACK,
    "blue": (0.44, 0.47, 0.52),
    "cream": (0.89, 0.77, 0.61),
    "ginger": (0.82, 0.50, 0.22),
    "white": WHITE,
    "brown": (0.38, 0.26, 0.18),
}
TABBY: Mapping[str, tuple[Rgb, Rgb]] = {
    "brown": ((0.64, 0.52, 0.38), (0.20, 0.15, 0.11)),
    "ginger": ((0.92, 0.66, 0.36), (0.70, 0.35, 0.12)),
    "silver": ((0.75, 0.76, 0.77), (0.22, 0.22, 0.24)),
    "cream": ((0.93, 0.84, 0.70), (0.76, 0.58, 0.38)),
}
POINTS: Mapping[str, Rgb] = {
    "seal": (0.20, 0.13, 0.10),
    "blue": (0.42, 0.44, 0.49),
    "chocolate": (0.44, 0.28, 0.19),
    "flame": (0.80, 0.48, 0.26),
}
EYES: Mapping[str, Rgb] = {
    "yellow": (0.88, 0.72, 0.20),
    "green": (0.48, 0.72, 0.28),
    "amber": (0.84, 0.46, 0.12),
    "turquoise": (0.34, 0.70, 0.66),
    "blue": (0.36, 0.60, 0.90),
}
NOSES: Mapping[str, Rgb] = {
    "pink": (0.86, 0.52, 0.52),
    "brick": (0.62, 0.32, 0.27),
    "black": (0.13, 0.11, 0.11),
}
CLOTHS: Mapping[str, Rgb] = {
    "red": (0.72, 0.24, 0.22),
    "teal": (0.18, 0.50, 0.52),
    "mustard": (0.84, 0.64, 0.24),
    "navy": (0.22, 0.30, 0.52),
    "rose": (0.84, 0.58, 0.60),
    "sage": (0.54, 0.64, 0.48),
    "linen": (0.82, 0.76, 0.67),
    "lilac": (0.60, 0.52, 0.70),
}


def picked(draw: Draw, palette: Mapping[str, Rgb], spread: float = 0.025) -> list[float]:
    """A colour near one of a palette."""
    return draw.colour(palette[draw.choice(dict.fromkeys(palette, 1.0))], spread)


def shaded(draw: Draw, base: Rgb) -> list[float]:
    """A lighter or darker fur of the same hue: a free spread would tint grey coats green."""
    factor = draw.uniform(0.86, 1.06)
    return draw.colour((base[0] * factor, base[1] * factor, base[2] * factor), 0.008)


def fur(draw: Draw, palette: Mapping[str, Rgb]) -> list[float]:
    """A shade of one of a palette's furs."""
    return shaded(draw, palette[draw.choice(dict.fromkeys(palette, 1.0))])


def identity(draw: Draw) -> Factors:
    """A cat: its build and coat."""
    coat = draw.choice(
        {"tabby": 0.28, "plain": 0.22, "bicolour": 0.18, "calico": 0.16, "colourpoint": 0.16}
    )
    eye = draw.colour(EYES["blue"], 0.04) if coat == "colourpoint" else picked(draw, EYES, 0.04)
    odd = draw.chance(0.06)
    return {
        "coat": coat,
        **coat_colours(draw, coat),
        "coat_seed": draw.seed(),
        "stripe_density": draw.uniform(2.5, 4.5),
        "head_width": draw.uniform(0.92, 1.1),
        "muzzle_length": draw.uniform(0.0, 0.22),
        "cheek_fluff": draw.uniform(0.0, 1.0),
        "ear_shape": draw.choice({"pointed": 0.6, "rounded": 0.25, "folded": 0.15}),
        "ear_size": draw.uniform(0.7, 1.05),
        "ear_spread": draw.uniform(5.0, 32.0),
        "inner_ear_colour": draw.colour((0.80, 0.56, 0.52), 0.04),
        "eye_colour": eye,
        "other_eye_colour": draw.colour(EYES["blue"], 0.03) if odd else eye,
        "eye_size": draw.uniform(0.25, 0.32),
        "eye_tilt": draw.uniform(2.0, 18.0),
        "nose_colour": picked(draw, NOSES),
        "whisker_length": draw.uniform(0.7, 1.3),
        "collar": draw.choice({"none": 0.5, "band": 0.25, "bell": 0.25}),
        "collar_colour": picked(draw, CLOTHS),
    }


def coat_colours(draw: Draw, coat: str) -> dict[str, Any]:
    """Colours that go together, by pattern."""
    ground, marking = fur(draw, PLAIN), fur(draw, PLAIN)
    white = draw.uniform(0.15, 0.5) if draw.chance(0.35) else 0.0
    if coat == "tabby":
        base, stripes = TABBY[draw.choice(dict.fromkeys(TABBY, 1.0))]
        ground, marking = shaded(draw, base), shaded(draw, stripes)
    elif coat == "calico":
        ground, marking = shaded(draw, WHITE), shaded(draw, PLAIN["ginger"])
        white = draw.uniform(0.2, 0.7)
    elif coat == "colourpoint":
        ground, marking = shaded(draw, (0.90, 0.82, 0.70)), fur(draw, POINTS)
        white = 0.0
    elif coat == "bicolour":
        dark = {name: colour for name, colour in PLAIN.items() if name not in ("white", "cream")}
        ground, white = fur(draw, dark), draw.uniform(0.5, 1.0)
    return {
        "coat_colour": ground,
        "marking_colour": marking,
        "second_marking_colour": shaded(draw, BLACK if draw.chance(0.7) else PLAIN["blue"]),
        "white_extent": white,
    }


def view(draw: Draw, identity: Factors) -> Factors:
    """A look at a cat: pose, mood, light and place."""
    backdrop = draw.choice(
        {"wall": 0.2, "sofa": 0.2, "blanket": 0.2, "garden": 0.22, "window": 0.18}
    )
    return {
        "yaw": draw.normal(0.0, 16.0, 2.2),
        "pitch": draw.normal(0.0, 6.0, 2.3),
        "roll": draw.normal(0.0, 4.0, 2.2),
        "pupil": draw.uniform(0.14, 0.85),
        "eye_openness": draw.uniform(0.72, 1.0) if draw.chance(0.85) else draw.uniform(0.5, 0.72),
        "mouth": draw.choice({"closed": 0.75, "open": 0.13, "tongue": 0.12}),
        "light_azimuth": draw.uniform(-70.0, 70.0),
        "light_elevation": draw.uniform(15.0, 60.0),
        "light_warmth": draw.uniform(0.0, 1.0),
        "light_strength": draw.uniform(0.75, 1.2),
        "backdrop": backdrop,
        "backdrop_colour": contrasting(draw, identity["coat_colour"]),
        "backdrop_seed": draw.seed(),
    }


def contrasting(draw: Draw, coat: list[float]) -> list[float]:
    """Of two cloths, the one that sets the coat off better."""
    cloths = picked(draw, CLOTHS, 0.03), picked(draw, CLOTHS, 0.03)
    return max(cloths, key=lambda cloth: math.dist(cloth, coat))
