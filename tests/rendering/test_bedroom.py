"""Rendered bedrooms: factors say all, and every factor shows."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("mitsuba")

from bench.rendering import bedroom
from bench.rendering.category import factors_of

ROOM = {
    **factors_of("bedroom", 1, 0),
    "wall": "paint",
    "wall_colour": [0.85, 0.8, 0.7],
    "bed": "double",
    "bed_place": "middle",
    "blanket": "plain",
    "blanket_colour": [0.75, 0.15, 0.15],
    "window_wall": "left",
    "pictures": "none",
    "left_piece": "none",
    "right_piece": "none",
    "lamp": "pendant",
    "lamp_on": False,
    "hour": "day",
    "yaw": 0.0,
    "pitch": 10.0,
}


def picture(factors, seed=0):
    return bedroom.build(factors).render(seed=seed, samples=6, size=48).astype(float) / 255


def middle(image, rows, columns):
    return image[slice(*rows), slice(*columns)].mean((0, 1))


def test_every_factor_is_explained():
    assert {*bedroom.FACTORS} == {*factors_of("bedroom", 1, 0)} - {"identity"}


def test_factors_survive_json_and_say_all():
    factors = factors_of("bedroom", 1, 5)
    again = json.loads(json.dumps(factors))
    assert again == factors
    first, second = (bedroom.build(f).render(seed=1, samples=4, size=32) for f in (factors, again))
    assert np.array_equal(first, second)
    other = bedroom.build(factors_of("bedroom", 2, 5)).render(seed=1, samples=4, size=32)
    assert not np.array_equal(first, other)


def test_a_picture_does_not_depend_on_where_memory_lies():
    factors = factors_of("bedroom", 1, 5)  # in which surfaces of two materials coincide
    rendered = [bedroom.build(factors).render(seed=1, samples=4, size=32) for _ in range(8)]
    assert len({picture.tobytes() for picture in rendered}) == 1


def test_views_share_the_room_alone():
    first, second = factors_of("bedroom", 1, 0), factors_of("bedroom", 1, 1)
    same = {name for name in first if first[name] == second[name]}
    assert {"bed", "wall_colour", "blanket_colour", "window_wall"} <= same
    assert not same & {"yaw", "pitch", "curtains", "light_azimuth"}


def test_no_furniture_stands_where_the_bed_is_nor_before_the_window():
    for index in range(0, 400, 4):
        room = factors_of("bedroom", 5, index)
        if room["bed_place"] != "middle":
            assert room[f"{room['bed_place']}_piece"] == "none"
        if room["window_wall"] != "back":
            assert room[f"{room['window_wall']}_piece"] in ("desk", "none")


@pytest.mark.parametrize("index", range(0, 24, 4))
def test_pictures_are_well_exposed(index):
    image = picture(factors_of("bedroom", 4, index))
    assert 0.18 < image.mean() < 0.65
    assert image.std() > 0.07


def test_blanket_and_wall_show_where_they_are():
    bed, wall = ((27, 32), (20, 28)), ((6, 12), (32, 40))
    red = picture(ROOM)
    blue = picture({**ROOM, "blanket_colour": [0.15, 0.25, 0.75]})
    assert middle(red, *bed)[0] > middle(red, *bed)[2] + 0.15
    assert middle(blue, *bed)[2] > middle(blue, *bed)[0] + 0.15
    green = picture({**ROOM, "wall_colour": [0.3, 0.7, 0.4]})
    assert middle(green, *wall)[1] > middle(green, *wall)[0] + 0.1


@pytest.mark.parametrize(
    ("factor", "value"),
    [("yaw", 25.0), ("hour", "night"), ("lamp_on", True), ("floor_colour", [0.2, 0.2, 0.6])],
)
def test_a_factor_changes_the_picture(factor, value):
    assert np.abs(picture(ROOM) - picture({**ROOM, factor: value})).mean() > 0.008
