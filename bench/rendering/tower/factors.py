"""What a tower and a view of it may be."""

from __future__ import annotations

from collections.abc import Mapping

from bench.rendering.category import Draw, Factors
from bench.rendering.colour import Rgb

FACTORS: Mapping[str, str] = {
    "plan": "outline of the plan: round, square or octagonal",
    "storeys": "number of storeys, 2 to 5",
    "width": "half width at the ground, 1.4 to 2.2; the walls are 7 high",
    "taper": "how much narrower the top is, 0 to 0.35 of the width",
    "base": "how far the foot spreads, 0 to 1",
    "wall": "brick, stone, plaster, wood or timbered (half-timber)",
    "wall_colour": "bricks, stones, paint or boards, sRGB",
    "trim_colour": "cornices, window frames, beams, sRGB",
    "wall_seed": "seed of stones and stains",
    "windows": "arched, square, slits or round",
    "windows_a_storey": "windows of a storey, all around: 4 to 12",
    "window_size": "scale of the windows, 0.8 to 1.25",
    "roof": "cone, pyramid (low, wide eaves), dome, onion or crenellated (flat)",
    "roof_colour": "tiles or copper, sRGB; unseen on a crenellated tower",
    "roof_height": "height to the usual one of such a roof, 0.8 to 1.3; unseen where crenellated",
    "gallery": "whether a railed balcony runs around the top storey",
    "clock": "whether clocks are below the roof",
    "flag": "whether a flag flies on top",
    "flag_colour": "colour of the flag, sRGB; unseen without one",
    "door_colour": "colour of the door, sRGB",
    "surroundings": "meadow, hills, town, sea, trees or snow",
    "surroundings_seed": "seed of ground, trees and houses",
    "yaw": "turn of the tower in degrees, -40 to 40; positive turns its door to the right",
    "camera_elevation": "degrees from which the camera looks down, 0.5 to 10",
    "clock_hour": "time that the clocks show, 0 to 12; unseen without them",
    "lit_windows": "share of windows with light in them, 0 to 1",
    "sky": "clear, clouds, overcast, sunset or dusk",
    "sky_seed": "seed of the clouds",
    "light_azimuth": "where the sun stands in degrees, -80 to 80; positive on the right",
    "light_elevation": "height of the sun in degrees, 15 to 60; half that at sunset and dusk",
    "light_warmth": "colour of the sunlight, 0 cold to 1 warm",
    "light_strength": "strength of the sunlight, 0.75 to 1.25",
}

WALLS: Mapping[str, Mapping[str, Rgb]] = {
    "brick": {"red": (0.66, 0.33, 0.25), "brown": (0.55, 0.40, 0.31), "yellow": (0.80, 0.67, 0.45)},
    "stone": {"grey": (0.62, 0.61, 0.59), "sand": (0.80, 0.71, 0.55), "slate": (0.47, 0.50, 0.54)},
    "plaster": {
        "white": (0.92, 0.89, 0.83),
        "ochre": (0.89, 0.71, 0.40),
        "rose": (0.87, 0.62, 0.54),
        "blue": (0.60, 0.72, 0.80),
    },
    "wood": {"oak": (0.56, 0.40, 0.26), "red": (0.62, 0.24, 0.18), "silver": (0.62, 0.58, 0.52)},
    "timbered": {"white": (0.93, 0.90, 0.82), "cream": (0.92, 0.82, 0.62)},
}
ROOFS: Mapping[str, Rgb] = {
    "tile": (0.70, 0.31, 0.20),
    "slate": (0.31, 0.36, 0.44),
    "copper": (0.40, 0.66, 0.58),
    "navy": (0.20, 0.28, 0.50),
    "moss": (0.38, 0.45, 0.26),
    "plum": (0.47, 0.25, 0.38),
}
PAINTS: Mapping[str, Rgb] = {
    "red": (0.75, 0.20, 0.18),
    "blue": (0.20, 0.38, 0.64),
    "yellow": (0.92, 0.75, 0.25),
    "green": (0.22, 0.48, 0.33),
    "white": (0.94, 0.93, 0.90),
}
TRIMS: Mapping[str, Rgb] = {
    "white": (0.93, 0.91, 0.86),
    "sand": (0.80, 0.72, 0.58),
    "dark": (0.30, 0.22, 0.17),
}
BAYS: Mapping[str, Mapping[str, float]] = {
    "round": {"6": 1, "8": 1, "10": 1},
    "square": {"4": 1, "8": 1, "12": 0.7},
    "octagonal": {"8": 1},
}


def picked(draw: Draw, palette: Mapping[str, Rgb], spread: float = 0.025) -> list[float]:
    """A colour near one of a palette."""
    return draw.colour(palette[draw.choice(dict.fromkeys(palette, 1.0))], spread)


def identity(draw: Draw) -> Factors:
    """A tower and where it stands."""
    plan = draw.choice({"round": 0.36, "square": 0.38, "octagonal": 0.26})
    wall = draw.choice(
        {"brick": 0.24, "stone": 0.26, "plaster": 0.22, "wood": 0.14, "timbered": 0.14}
    )
    trim = draw.colour(TRIMS["dark"], 0.03) if wall == "timbered" else picked(draw, TRIMS)
    return {
        "plan": plan,
        "storeys": int(draw.choice({"2": 0.15, "3": 0.35, "4": 0.3, "5": 0.2})),
        "width": draw.uniform(1.4, 2.2),
        "taper": draw.uniform(0.0, 0.35),
        "base": draw.uniform(0.0, 1.0),
        "wall": wall,
        "wall_colour": picked(draw, WALLS[wall]),
        "trim_colour": trim,
        "wall_seed": draw.seed(),
        "windows": draw.choice({"arched": 0.34, "square": 0.3, "slits": 0.18, "round": 0.18}),
        "windows_a_storey": int(draw.choice(BAYS[plan])),
        "window_size": draw.uniform(0.8, 1.25),
        "roof": draw.choice(
            {"cone": 0.26, "pyramid": 0.2, "dome": 0.17, "onion": 0.17, "crenellated": 0.2}
        ),
        "roof_colour": picked(draw, ROOFS, 0.03),
        "roof_height": draw.uniform(0.8, 1.3),
        "gallery": draw.chance(0.35),
        "clock": draw.chance(0.35),
        "flag": draw.chance(0.45),
        "flag_colour": picked(draw, PAINTS, 0.03),
        "door_colour": picked(draw, PAINTS, 0.03),
        "surroundings": draw.choice(
            dict.fromkeys(("meadow", "hills", "town", "sea", "trees", "snow"), 1.0)
        ),
        "surroundings_seed": draw.seed(),
    }


def view(draw: Draw, identity: Factors) -> Factors:
    """A look at a tower: side, height, hour and weather."""
    sky = draw.choice(
        {"clear": 0.22, "clouds": 0.28, "overcast": 0.16, "sunset": 0.18, "dusk": 0.16}
    )
    dark = sky == "dusk" or (sky == "overcast" and identity["surroundings"] == "snow")
    return {
        "yaw": draw.uniform(-40.0, 40.0),
        "camera_elevation": draw.uniform(0.5, 10.0),
        "clock_hour": draw.uniform(0.0, 12.0),
        "lit_windows": draw.uniform(0.4, 1.0) if dark else draw.uniform(0.0, 0.4),
        "sky": sky,
        "sky_seed": draw.seed(),
        "light_azimuth": draw.uniform(-80.0, 80.0),
        "light_elevation": draw.uniform(15.0, 60.0),
        "light_warmth": draw.uniform(0.0, 1.0),
        "light_strength": draw.uniform(0.75, 1.25),
    }
