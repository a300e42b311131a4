"""Rendered cars: factors say all, and every factor shows."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("mitsuba")

from bench.rendering import car
from bench.rendering.car.outline import OUTLINES, outline
from bench.rendering.category import factors_of
from bench.rendering.distance import polygon

SIDE = {
    **factors_of("car", 1, 0),
    "body": "sedan",
    "paint": "plain",
    "roof_load": "bare",
    "body_colour": [0.8, 0.1, 0.1],
    "yaw": 90.0,
    "pitch": 6.0,
    "fill": 0.86,
    "backdrop": "hills",
    "ground": "grass",
    "sky": "clear",
    "light_azimuth": 20.0,
}


def picture(factors, seed=0):
    return car.build(factors).render(seed=seed, samples=6, size=48).astype(float) / 255


def flank(image):
    return image[24:28, 18:30].mean((0, 1))


def test_every_factor_is_explained():
    assert {*car.FACTORS} == {*factors_of("car", 1, 0)} - {"identity"}


def test_factors_survive_json_and_say_all():
    factors = factors_of("car", 1, 5)
    again = json.loads(json.dumps(factors))
    assert again == factors
    first, second = (car.build(f).render(seed=1, samples=4, size=32) for f in (factors, again))
    assert np.array_equal(first, second)
    other = car.build(factors_of("car", 2, 5)).render(seed=1, samples=4, size=32)
    assert not np.array_equal(first, other)


def test_views_share_the_car_alone():
    first, second = factors_of("car", 1, 0), factors_of("car", 1, 1)
    same = {name for name in first if first[name] == second[name]}
    assert {"body", "body_colour", "rims", "plate_colour"} <= same
    assert not same & {"yaw", "pitch", "light_azimuth", "backdrop_seed"}


@pytest.mark.parametrize("index", range(0, 24, 4))
def test_pictures_are_well_exposed(index):
    image = picture(factors_of("car", 4, index))
    assert 0.2 < image.mean() < 0.72
    assert image.std() > 0.06


def test_paint_shows_on_the_flank():
    red, blue = flank(picture(SIDE)), flank(picture({**SIDE, "body_colour": [0.1, 0.2, 0.8]}))
    assert red[0] > red[2] + 0.2
    assert blue[2] > blue[0] + 0.2


def test_a_car_seen_from_the_side_fills_its_share_of_the_width():
    car_alone, other = picture(SIDE), picture({**SIDE, "body_colour": [0.1, 0.2, 0.8]})
    columns = np.flatnonzero((np.abs(car_alone - other).max(-1) > 0.15).any(0))
    assert 0.62 < (columns[-1] - columns[0] + 1) / 48 < 0.95


@pytest.mark.parametrize(
    ("factor", "value"),
    [("yaw", 0.0), ("light_strength", 0.4), ("body", "van"), ("ground", "sand"), ("sky", "sunset")],
)
def test_a_factor_changes_the_picture(factor, value):
    assert np.abs(picture(SIDE) - picture({**SIDE, factor: value})).mean() > 0.008


@pytest.mark.parametrize("body", OUTLINES)
def test_wheels_stand_within_the_body(body):
    shape = outline({"body": body, "length_scale": 1.0, "height_scale": 1.0, "wheel_scale": 1.1})
    assert shape.front_axle + shape.wheel < shape.half
    assert shape.wheel - shape.rear_axle < shape.half
    assert shape.back < shape.roof_rear < shape.roof_front < shape.cowl < shape.half


def test_distance_to_a_polygon_is_exact():
    corners = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]
    points = np.array([(1, 1), (1, 0.5), (3, 1), (3, 3), (-1, 1)], np.float32)
    for order in (corners, corners[::-1]):
        assert np.allclose(polygon(points, order), [-1, -0.5, 1, 2**0.5, 1], atol=1e-6)
