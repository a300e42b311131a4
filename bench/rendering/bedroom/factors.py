"""What is known of a bedroom picture: the factors, their meaning, how often each value is drawn."""

from __future__ import annotations

from collections.abc import Mapping

from bench.rendering.category import Draw, Factors
from bench.rendering.colour import hsv

FACTORS: Mapping[str, str] = {
    "room_width": "metres between the side walls, 3.5 to 4.4",
    "room_depth": "metres from the doorway to the back wall, 3.5 to 4.2",
    "wall": "paint, stripes, dots or panels (in the second colour up to the hip)",
    "wall_colour": "of the walls",
    "wall_second_colour": "of stripes, dots or panels",
    "floor": "planks, carpet or tiles",
    "floor_colour": "of the floor",
    "bed": "single or double",
    "bed_place": "along the back wall: left, middle or right",
    "headboard": "panel, arch, padded or bars",
    "wood_colour": "bed, wardrobe, desk and shelf",
    "blanket": "plain, stripes, checks or dots",
    "blanket_colour": "of the blanket",
    "blanket_second_colour": "its pattern and turned-down edge",
    "pillow_colour": "of the pillows",
    "window_wall": "left, back or right",
    "window_width": "metres, 1.0 to 1.6",
    "curtain_colour": "of the curtains",
    "lamp": "table (beside the bed), floor or pendant",
    "lamp_colour": "of the shade, when the lamp is off",
    "left_piece": "wardrobe, desk, shelf or none, along the left wall",
    "right_piece": "wardrobe, desk, shelf or none, along the right wall",
    "accent_colour": "chair, vase, plant pot and a padded headboard",
    "plant": "whether a potted plant stands by the back wall",
    "rug": "none, round or square",
    "rug_colour": "of the rug",
    "pictures": "none, one or three on the back wall",
    "picture_seed": "what is painted in them",
    "hour": "day, dusk or night",
    "lamp_on": "whether the lamp is lit",
    "curtains": "how far they are drawn, 0 open to 1 nearly closed",
    "yaw": "degrees the viewer looks to the right from the far corner's side, +-32",
    "pitch": "degrees the viewer looks down, 7 to 15",
    "viewer_height": "metres of the viewer's eyes above the floor, 1.35 to 1.75",
    "light_azimuth": "degrees from the viewer's direction to the soft light above, +-70",
    "light_elevation": "degrees of the soft light above the floor, 50 to 75",
    "light_warmth": "0 cold to 1 warm",
    "light_strength": "of all light but the lamp's, 0.8 to 1.2 of the usual",
}

# Hue, saturation, value.
WALLS = {
    "white": (0.11, 0.04, 0.92), "sand": (0.1, 0.18, 0.86), "rose": (0.98, 0.2, 0.86),
    "mint": (0.4, 0.18, 0.82), "sky": (0.57, 0.24, 0.84), "sage": (0.27, 0.2, 0.68),
    "lilac": (0.75, 0.16, 0.82), "butter": (0.13, 0.32, 0.92), "petrol": (0.54, 0.45, 0.5),
    "terracotta": (0.04, 0.42, 0.75),
}  # fmt: skip
FABRICS = {
    "red": (0.99, 0.7, 0.72), "mustard": (0.11, 0.7, 0.85), "blue": (0.6, 0.6, 0.62),
    "teal": (0.5, 0.5, 0.55), "green": (0.34, 0.4, 0.52), "plum": (0.88, 0.42, 0.5),
    "coral": (0.03, 0.55, 0.9), "navy": (0.63, 0.55, 0.34), "cream": (0.11, 0.12, 0.93),
    "grey": (0.6, 0.05, 0.55),
}  # fmt: skip
WOODS = {
    "oak": (0.09, 0.48, 0.72), "walnut": (0.06, 0.52, 0.42), "white": (0.1, 0.04, 0.92),
    "pine": (0.1, 0.42, 0.84), "black": (0.08, 0.2, 0.22),
}  # fmt: skip
FLOORS = {
    "planks": {"oak": 2.0, "walnut": 1.2, "pine": 1.2},
    "carpet": {"grey": 1.0, "cream": 1.0, "blue": 0.7, "green": 0.7, "plum": 0.6},
    "tiles": {"white": 1.0, "sand": 1.0, "terracotta": 1.0},
}
PIECES = {"wardrobe": 1.2, "desk": 1.2, "shelf": 1.2, "none": 0.3}
BY_WINDOW = {"desk": 1.6, "none": 1.0}  # tall pieces would stand before the window


LOOKS = {"left": (-32, 8), "middle": (-30, 30), "right": (-8, 32)}  # yaw that keeps the bed in


def tint(draw: Draw, colours: Mapping[str, tuple[float, float, float]], name: str) -> list[float]:
    """The colour of that name, varied a little."""
    hue, saturation, value = colours[name]
    shade = hsv(hue + draw.uniform(-0.02, 0.02), saturation, value * draw.uniform(0.92, 1.06))
    return draw.colour(shade, 0.012)


def scaled(colour: list[float], share: float) -> tuple[float, float, float]:
    """The same hue, darker."""
    red, green, blue = (share * c for c in colour)
    return red, green, blue


def any_of(draw: Draw, colours: Mapping[str, tuple[float, float, float]]) -> list[float]:
    """One of the colours."""
    return tint(draw, colours, draw.choice(dict.fromkeys(colours, 1.0)))


def piece(draw: Draw, side: str, window_wall: str, bed_place: str) -> str:
    """What stands along that side's wall: nothing where the bed is."""
    chosen = draw.choice(BY_WINDOW if window_wall == side else PIECES)
    return "none" if bed_place == side else chosen


def identity(draw: Draw) -> Factors:
    """A room: walls, floor and furniture."""
    wall_colour, floor = any_of(draw, WALLS), draw.choice({"planks": 1.6, "carpet": 1, "tiles": 1})
    # The second colour is the first one's shade or tint, or white: wallpapers do not shout.
    share = draw.uniform(0.7, 0.85)
    second = scaled(wall_colour, share) if draw.chance(0.6) else (0.95, 0.94, 0.91)
    window_wall = draw.choice({"left": 1.0, "back": 1.0, "right": 1.0})
    bed_place = draw.choice({"left": 1.0, "middle": 1.3, "right": 1.0})
    return {
        "room_width": draw.uniform(3.5, 4.4),
        "room_depth": draw.uniform(3.5, 4.2),
        "wall": draw.choice({"paint": 1.5, "stripes": 1.0, "dots": 1.0, "panels": 1.2}),
        "wall_colour": wall_colour,
        "wall_second_colour": draw.colour(second, 0.01),
        "floor": floor,
        "floor_colour": tint(draw, WOODS | FABRICS | WALLS, draw.choice(FLOORS[floor])),
        "bed": draw.choice({"single": 1.0, "double": 1.3}),
        "bed_place": bed_place,
        "headboard": draw.choice({"panel": 1.0, "arch": 1.0, "padded": 1.0, "bars": 1.0}),
        "wood_colour": any_of(draw, WOODS),
        "blanket": draw.choice({"plain": 1.2, "stripes": 1.2, "checks": 1.0, "dots": 1.0}),
        "blanket_colour": any_of(draw, FABRICS),
        "blanket_second_colour": any_of(draw, FABRICS | {"white": (0.1, 0.03, 0.95)}),
        "pillow_colour": draw.colour((0.93, 0.92, 0.89), 0.02)
        if draw.chance(0.6)
        else any_of(draw, FABRICS),
        "window_wall": window_wall,
        "window_width": draw.uniform(1.0, 1.6),
        "curtain_colour": any_of(draw, FABRICS),
        "lamp": draw.choice({"table": 1.2, "floor": 1.0, "pendant": 1.0}),
        "lamp_colour": any_of(draw, FABRICS),
        "left_piece": piece(draw, "left", window_wall, bed_place),
        "right_piece": piece(draw, "right", window_wall, bed_place),
        "accent_colour": any_of(draw, FABRICS),
        "plant": draw.chance(0.5),
        "rug": draw.choice({"none": 0.8, "round": 1.0, "square": 1.2}),
        "rug_colour": any_of(draw, FABRICS),
        "pictures": draw.choice({"none": 0.8, "one": 1.2, "three": 1.0}),
        "picture_seed": draw.seed(),
    }


def view(draw: Draw, identity: Factors) -> Factors:
    """An hour, and where one stands."""
    hour = draw.choice({"day": 1.4, "dusk": 0.8, "night": 1.0})
    return {
        "hour": hour,
        "lamp_on": draw.chance({"day": 0.2, "dusk": 0.6, "night": 0.8}[hour]),
        "curtains": draw.uniform(0, 1),
        "yaw": draw.uniform(*LOOKS[identity["bed_place"]]),
        "pitch": draw.uniform(7, 15),
        "viewer_height": draw.uniform(1.35, 1.75),
        "light_azimuth": draw.uniform(-70, 70),
        "light_elevation": draw.uniform(50, 75),
        "light_warmth": draw.uniform(0, 1),
        "light_strength": draw.uniform(0.8, 1.2),
    }
