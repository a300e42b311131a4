"""What is known of a car picture: the factors, their meaning and how often each value is drawn."""

from __future__ import annotations

from collections.abc import Mapping

from bench.rendering.category import Draw, Factors
from bench.rendering.colour import hsv

FACTORS: Mapping[str, str] = {
    "body": "hatchback, sedan, coupe, suv, van or pickup",
    "length_scale": "length as a share of what is usual for the body, 0.93 to 1.07",
    "height_scale": "height as a share of what is usual for the body, 0.94 to 1.06",
    "roundness": "edges of the body, 0 crisp to 1 soft",
    "body_colour": "paint",
    "paint": "plain, roof (in the second colour), flank (lower half in it) or stripes (along it)",
    "second_colour": "roof, lower half or stripes, where `paint` has them",
    "trim": "bumpers and sills: painted, dark or chrome",
    "grille": "bars, mesh, wide or none",
    "headlights": "round, wide or slim",
    "rear_lights": "upright, bar or round",
    "rims": "spokes, dish or turbine",
    "rim_colour": "of the wheels, within the tyre",
    "wheel_scale": "wheels as a share of what is usual for the body, 0.94 to 1.1",
    "window_tint": "0 light to 1 black",
    "roof_load": "bare, rails, box or board",
    "load_colour": "of a box or board on the roof",
    "plate_colour": "number plate: white or yellow",
    "yaw": "degrees the car is turned: 0 faces the viewer, 90 drives right, -90 left, 180 away",
    "pitch": "degrees the viewer looks down, 2 to 14",
    "fill": "width of the car as a share of the picture's, 0.8 to 0.94",
    "backdrop": "studio, street, hills, trees or beach",
    "backdrop_colour": "studio wall, houses, hills, leaves or sea",
    "backdrop_seed": "where houses, hills, trees and clouds are",
    "ground": "floor (studio), asphalt, wet (asphalt), gravel, grass or sand",
    "sky": "clear, cloudy or sunset (outdoors)",
    "light_azimuth": "degrees from the viewer to the sun or lamp, positive to the right, +-75",
    "light_elevation": "degrees of the sun or lamp above the ground, 25 to 65",
    "light_warmth": "0 cold to 1 warm",
    "light_strength": "of the sun or lamp, 0.75 to 1.2 of the usual",
}

BODIES = {"hatchback": 1.0, "sedan": 1.0, "coupe": 1.0, "suv": 1.0, "van": 0.8, "pickup": 0.9}
PAINTS = {"plain": 5.0, "roof": 2.0, "flank": 1.3, "stripes": 1.5}
# Hue and saturation of paints as (hue, hue spread, saturation, value): vivid, as in a toy shop.
HUES = {
    "red": (0.0, 0.02, 0.82, 0.75),
    "orange": (0.075, 0.02, 0.85, 0.88),
    "yellow": (0.13, 0.015, 0.78, 0.92),
    "green": (0.38, 0.08, 0.6, 0.5),
    "teal": (0.5, 0.03, 0.55, 0.62),
    "blue": (0.6, 0.03, 0.72, 0.68),
    "sky": (0.56, 0.02, 0.38, 0.82),
    "violet": (0.86, 0.08, 0.5, 0.6),
    "cream": (0.12, 0.02, 0.16, 0.92),
    "silver": (0.6, 0.05, 0.05, 0.72),
    "black": (0.62, 0.1, 0.25, 0.16),
    "white": (0.6, 0.1, 0.02, 0.93),
}
COMPANIONS = {"white": 3.0, "cream": 2.0, "black": 2.0, "silver": 1.0, "red": 1.0, "blue": 1.0}
RIMS = {"silver": ((0.78, 0.79, 0.81), 3.0), "graphite": ((0.3, 0.31, 0.33), 1.5),
        "white": ((0.93, 0.92, 0.9), 1.2), "gold": ((0.78, 0.62, 0.32), 1.0)}  # fmt: skip
BACKDROPS = {"studio": 1.0, "street": 1.1, "hills": 1.0, "trees": 1.0, "beach": 0.9}
ROADS = {"asphalt": 1.2, "wet": 1.0, "gravel": 1.0, "grass": 1.0}
STREETS = {"asphalt": 1.5, "wet": 1.2}
SHORES = {"sand": 2.0, "asphalt": 0.6}
SKIES = {"clear": 1.5, "cloudy": 1.2, "sunset": 1.0}
BACKDROP_COLOURS = {
    "studio": ((0.0, 0.5, 0.3, 0.75), 0.5),
    "street": ((0.07, 0.06, 0.35, 0.78), 0.06),
    "hills": ((0.26, 0.06, 0.42, 0.55), 0.05),
    "trees": ((0.26, 0.05, 0.55, 0.48), 0.05),
    "beach": ((0.52, 0.03, 0.6, 0.66), 0.04),
}


def paint(draw: Draw, options: Mapping[str, float] | None = None) -> list[float]:
    """A colour from the shop's card, no two tins alike."""
    hue, spread, saturation, value = HUES[draw.choice(options or dict.fromkeys(HUES, 1.0))]
    tin = hsv(
        hue + draw.uniform(-spread, spread),
        saturation * draw.uniform(0.88, 1.1),
        value * draw.uniform(0.9, 1.06),
    )
    return draw.colour(tin, 0.01)


def identity(draw: Draw) -> Factors:
    """A car: its shape, paint and fittings."""
    body = draw.choice(BODIES)
    loads = {"bare": 4.0, "rails": 1.5, "box": 1.2, "board": 1.2}
    if body in ("coupe", "pickup"):
        loads = {"bare": 5.0, "board": 1.0}
    rims = RIMS[draw.choice({name: weight for name, (_, weight) in RIMS.items()})][0]
    plates = {"white": (0.93, 0.93, 0.9), "yellow": (0.95, 0.8, 0.25)}
    return {
        "body": body,
        "length_scale": draw.uniform(0.93, 1.07),
        "height_scale": draw.uniform(0.94, 1.06),
        "roundness": draw.uniform(0, 1),
        "body_colour": paint(draw),
        "paint": draw.choice(PAINTS),
        "second_colour": paint(draw, COMPANIONS),
        "trim": draw.choice({"painted": 1.5, "dark": 1.2, "chrome": 1.0}),
        "grille": draw.choice({"bars": 1.2, "mesh": 1.0, "wide": 1.0, "none": 0.7}),
        "headlights": draw.choice({"round": 1.0, "wide": 1.2, "slim": 1.0}),
        "rear_lights": draw.choice({"upright": 1.0, "bar": 1.0, "round": 1.0}),
        "rims": draw.choice({"spokes": 1.2, "dish": 1.0, "turbine": 1.0}),
        "rim_colour": draw.colour(rims, 0.02),
        "wheel_scale": draw.uniform(0.94, 1.1),
        "window_tint": draw.uniform(0, 1),
        "roof_load": draw.choice(loads),
        "load_colour": paint(draw),
        "plate_colour": draw.colour(plates[draw.choice({"white": 1.5, "yellow": 1.0})], 0.01),
    }


def view(draw: Draw, identity: Factors) -> Factors:  # noqa: ARG001 - the protocol's signature
    """A place, an hour and a side from which the car is seen."""
    backdrop = draw.choice(BACKDROPS)
    grounds = {"studio": {"floor": 1.0}, "street": STREETS, "beach": SHORES}
    (hue, spread, saturation, value), _ = BACKDROP_COLOURS[backdrop]
    colour = hsv(
        hue + draw.uniform(-spread, spread),
        saturation * draw.uniform(0.6, 1.3),
        value * draw.uniform(0.85, 1.15),
    )
    # Three-quarter views show most; straight front, side and rear views are as common together.
    quarter = draw.choice({"corner": 1.4, "flat": 1.0}) == "corner"
    quadrant = 90 * int(draw.uniform(0, 4)) - 180
    offset = draw.uniform(20, 70) if quarter else draw.uniform(-20, 20)
    return {
        "yaw": round((quadrant + offset + 180) % 360 - 180, 4),
        "pitch": draw.uniform(2, 14),
        "fill": draw.uniform(0.8, 0.94),
        "backdrop": backdrop,
        "backdrop_colour": draw.colour(colour, 0.02),
        "backdrop_seed": draw.seed(),
        "ground": draw.choice(grounds.get(backdrop, ROADS)),
        "sky": draw.choice(SKIES),
        "light_azimuth": draw.uniform(-75, 75),
        "light_elevation": draw.uniform(25, 65),
        "light_warmth": draw.uniform(0, 1),
        "light_strength": draw.uniform(0.75, 1.2),
    }
