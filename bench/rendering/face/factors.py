"""What may differ between portraits, and how often."""

from __future__ import annotations

from bench.rendering.category import Draw, Factors
from bench.rendering.colour import Rgb, mix

FACTORS = {
    "head_width": "width of the skull over its average, 0.88 to 1.14",
    "face_length": "length from eyes to chin over its average, 0.86 to 1.14",
    "jaw_width": "width of the jaw over its average, 0.8 to 1.2",
    "chin": "size of the chin over its average, 0.6 to 1.5",
    "cheeks": "fullness of the cheeks over its average, 0.7 to 1.3",
    "skin_colour": "sRGB of the skin where it is not flushed",
    "blush": "redness of cheeks, nose and ears, 0 to 1",
    "hair_style": "bald, cropped, parted, curly, bun or long",
    "hair_fringe": "whether hair falls over the forehead",
    "hair_volume": "thickness of the hair in head units, 0.05 to 0.2",
    "hair_length": "how far long hair falls, 0 (to the jaw) to 1 (out of the picture)",
    "hair_part": "where the hair parts, -1 (left in the picture) to 1",
    "hair_colour": "sRGB of hair and beard",
    "brow_thickness": "thickness of the brows over its average, 0.5 to 1.7",
    "brow_angle": "rise of the brows from the nose outwards in degrees, -18 to 6",
    "eye_size": "radius of the eyes over its average, 0.84 to 1.14",
    "eye_spacing": "distance between the eyes over its average, 0.93 to 1.08",
    "eye_tilt": "rise of the outer corners of the eyes in degrees, -8 to 12",
    "iris_colour": "sRGB of the irises",
    "nose_length": "length of the nose over its average, 0.7 to 1.35",
    "nose_width": "width of tip and wings over its average, 0.7 to 1.4",
    "nose_tip": "how far the tip turns up, -1 (hooked) to 1",
    "ear_size": "height of the ears over its average, 0.75 to 1.35",
    "mouth_width": "width of the mouth over its average, 0.78 to 1.22",
    "lip_fullness": "thickness of the lips over its average, 0.5 to 1.5",
    "lip_colour": "sRGB of the lips",
    "beard": "none, stubble, moustache or full",
    "glasses": "none, round, square or sun",
    "glasses_colour": "sRGB of the frame",
    "yaw": "turn of the head in degrees, -35 to 35, positive to the right in the picture",
    "pitch": "nod of the head in degrees, -12 to 12, positive upwards",
    "roll": "tilt of the head in degrees, -8 to 8, positive clockwise in the picture",
    "gaze": "turn of the eyes in the head in degrees, -22 to 22, positive to the right",
    "eyelids": "how far the eyes are open, 0.35 (drowsy) to 1 (wide)",
    "smile": "corners of the mouth, -1 (down) to 1 (up)",
    "mouth_open": "how far the mouth is open, 0 to 1",
    "brow_raise": "height of the brows, -1 (lowered) to 1 (raised)",
    "clothing": "crew, shirt or turtleneck",
    "clothing_pattern": "plain, stripes or dots",
    "clothing_colour": "sRGB of the clothing",
    "light_azimuth": "where the key light stands in degrees, -65 (left) to 65 (right)",
    "light_elevation": "height of the key light in degrees, 10 to 60",
    "light_warmth": "colour of the key light, 0 (cold) to 1 (warm)",
    "light_strength": "key light over its average, 0.8 to 1.2",
    "backdrop": "plaster, curtain, wallpaper, garden or sky",
    "backdrop_colour": "sRGB that the backdrop is tinted by",
    "backdrop_seed": "seed of the backdrop's pattern",
}

SKINS: tuple[Rgb, ...] = (
    (0.98, 0.84, 0.76),
    (0.95, 0.77, 0.65),
    (0.88, 0.67, 0.52),
    (0.76, 0.54, 0.39),
    (0.60, 0.40, 0.28),
    (0.44, 0.28, 0.20),
)
HAIRS: dict[str, tuple[float, Rgb]] = {
    "black": (0.22, (0.15, 0.12, 0.12)),
    "brown": (0.22, (0.30, 0.18, 0.11)),
    "chestnut": (0.15, (0.47, 0.26, 0.14)),
    "ginger": (0.12, (0.78, 0.38, 0.14)),
    "blond": (0.15, (0.88, 0.70, 0.38)),
    "grey": (0.10, (0.74, 0.73, 0.72)),
    "teal": (0.02, (0.15, 0.48, 0.52)),
    "rose": (0.02, (0.82, 0.38, 0.50)),
}
# Those who show it in their brows alone do not dye it.
NATURAL = {name: HAIRS[name] for name in HAIRS if name not in ("teal", "rose")}
IRISES: dict[str, tuple[float, Rgb]] = {
    "brown": (0.36, (0.36, 0.20, 0.09)),
    "hazel": (0.18, (0.52, 0.38, 0.16)),
    "green": (0.16, (0.30, 0.52, 0.28)),
    "blue": (0.20, (0.26, 0.50, 0.74)),
    "grey": (0.10, (0.48, 0.56, 0.60)),
}
CLOTHES: dict[str, tuple[float, Rgb]] = {
    "brick": (1, (0.72, 0.28, 0.20)),
    "mustard": (1, (0.85, 0.62, 0.20)),
    "moss": (1, (0.36, 0.46, 0.26)),
    "petrol": (1, (0.13, 0.40, 0.46)),
    "navy": (1, (0.17, 0.23, 0.42)),
    "plum": (1, (0.46, 0.22, 0.38)),
    "cream": (1, (0.92, 0.87, 0.76)),
    "charcoal": (1, (0.26, 0.26, 0.29)),
    "coral": (1, (0.93, 0.52, 0.42)),
}
BACKDROPS: dict[str, tuple[float, Rgb]] = {
    "sage": (1, (0.62, 0.72, 0.60)),
    "powder": (1, (0.62, 0.74, 0.84)),
    "sand": (1, (0.86, 0.77, 0.62)),
    "terracotta": (1, (0.80, 0.53, 0.42)),
    "lilac": (1, (0.72, 0.66, 0.82)),
    "teal": (1, (0.30, 0.55, 0.57)),
    "ochre": (1, (0.86, 0.68, 0.34)),
    "slate": (1, (0.45, 0.50, 0.58)),
    "blush": (1, (0.90, 0.72, 0.70)),
}
FRAMES: dict[str, tuple[float, Rgb]] = {
    "black": (3, (0.07, 0.07, 0.08)),
    "tortoise": (2, (0.42, 0.22, 0.10)),
    "red": (1, (0.72, 0.14, 0.14)),
    "blue": (1, (0.14, 0.26, 0.60)),
    "gold": (1, (0.82, 0.64, 0.30)),
}
LIPS: Rgb = (0.76, 0.30, 0.30)


def picked(draw: Draw, palette: dict[str, tuple[float, Rgb]], spread: float) -> list[float]:
    """A colour of a palette, jittered."""
    name = draw.choice({name: weight for name, (weight, _) in palette.items()})
    return draw.colour(palette[name][1], spread)


def skin(draw: Draw) -> list[float]:
    """A colour along the row of skins."""
    place = draw.uniform(0, len(SKINS) - 1.001)
    index = int(place)
    between = mix(SKINS[index], SKINS[index + 1], place - index)
    return draw.colour((float(between[0]), float(between[1]), float(between[2])), 0.012)


def identity(draw: Draw) -> Factors:
    """Whose face it is."""
    complexion = skin(draw)
    lips = mix(complexion, LIPS, draw.uniform(0.4, 0.9))
    style = draw.choice(
        {"bald": 10, "cropped": 18, "parted": 18, "curly": 18, "bun": 14, "long": 22}
    )
    # Beards go with any hair, seldom with a bun or long hair.
    bearded = 0.15 if style in ("bun", "long") else 0.62
    beard = draw.choice({"stubble": 1, "moustache": 1, "full": 1.2})
    return {
        "head_width": draw.uniform(0.88, 1.14),
        "face_length": draw.uniform(0.86, 1.14),
        "jaw_width": draw.uniform(0.8, 1.2),
        "chin": draw.uniform(0.6, 1.5),
        "cheeks": draw.uniform(0.7, 1.3),
        "skin_colour": complexion,
        "blush": draw.uniform(0, 1),
        "hair_style": style,
        "hair_fringe": draw.chance(0.4) and style not in ("bald", "cropped"),
        "hair_volume": draw.uniform(0.05, 0.2),
        "hair_length": draw.uniform(0, 1),
        "hair_part": draw.uniform(-1, 1),
        "hair_colour": picked(draw, NATURAL if style == "bald" else HAIRS, 0.012),
        "brow_thickness": draw.uniform(0.5, 1.7),
        "brow_angle": draw.uniform(-18, 6),
        "eye_size": draw.uniform(0.84, 1.14),
        "eye_spacing": draw.uniform(0.93, 1.08),
        "eye_tilt": draw.uniform(-8, 12),
        "iris_colour": picked(draw, IRISES, 0.03),
        "nose_length": draw.uniform(0.7, 1.35),
        "nose_width": draw.uniform(0.7, 1.4),
        "nose_tip": draw.uniform(-1, 1),
        "ear_size": draw.uniform(0.75, 1.35),
        "mouth_width": draw.uniform(0.78, 1.22),
        "lip_fullness": draw.uniform(0.5, 1.5),
        "lip_colour": [round(float(c), 4) for c in lips],
        "beard": beard if draw.chance(bearded) else "none",
        "glasses": draw.choice({"none": 60, "round": 15, "square": 15, "sun": 10}),
        "glasses_colour": picked(draw, FRAMES, 0.02),
    }


def view(draw: Draw, identity: Factors) -> Factors:  # noqa: ARG001 - the protocol's signature
    """How the person sits for this one picture."""
    return {
        "yaw": draw.normal(0, 16, 2.2),
        "pitch": draw.normal(0, 5.5, 2.2),
        "roll": draw.normal(0, 3.6, 2.2),
        "gaze": draw.normal(0, 9),
        "eyelids": draw.uniform(0.5, 1),
        "smile": draw.uniform(-0.5, 1),
        "mouth_open": draw.uniform(0.2, 1) if draw.chance(0.45) else 0.0,
        "brow_raise": draw.uniform(-1, 1),
        "clothing": draw.choice({"crew": 1, "shirt": 1, "turtleneck": 1}),
        "clothing_pattern": draw.choice({"plain": 2, "stripes": 1, "dots": 1}),
        "clothing_colour": picked(draw, CLOTHES, 0.03),
        "light_azimuth": draw.uniform(-65, 65),
        "light_elevation": draw.uniform(10, 60),
        "light_warmth": draw.uniform(0, 1),
        "light_strength": draw.uniform(0.8, 1.2),
        "backdrop": draw.choice(
            {"plaster": 1, "curtain": 1, "wallpaper": 1, "garden": 1, "sky": 0.8}
        ),
        "backdrop_colour": picked(draw, BACKDROPS, 0.04),
        "backdrop_seed": draw.seed(),
    }
