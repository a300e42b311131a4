"""Rendered towers: factors say all, and every factor shows."""

from __future__ import annotations

import functools
import json

import numpy as np
import pytest

pytest.importorskip("mitsuba")

from bench.rendering import tower
from bench.rendering.category import factors_of


def picture(factors, seed=0):
    return tower.build(factors).render(seed=seed, samples=4, size=48).astype(float) / 255


PLAIN = {
    **factors_of("tower", 3, 0),
    "plan": "round",
    "width": 1.8,
    "taper": 0.0,
    "storeys": 3,
    "wall": "wood",
    "windows": "slits",
    "windows_a_storey": 6,
    "roof": "cone",
    "roof_height": 1.0,
    "gallery": False,
    "clock": False,
    "flag": False,
    "surroundings": "meadow",
    "sky": "clear",
    "yaw": 0.0,
}


@functools.cache
def plain():
    return picture(PLAIN)


def test_every_factor_is_explained():
    assert {*tower.FACTORS} == {*factors_of("tower", 1, 0)} - {"identity"}


def test_factors_survive_json_and_say_all():
    factors = factors_of("tower", 1, 5)
    again = json.loads(json.dumps(factors))
    assert again == factors
    first, second = (tower.build(f).render(seed=1, samples=4, size=32) for f in (factors, again))
    assert np.array_equal(first, second)
    other = tower.build(factors_of("tower", 2, 5)).render(seed=1, samples=4, size=32)
    assert not np.array_equal(first, other)


def test_views_share_an_identity_and_little_else():
    first, second = factors_of("tower", 1, 0), factors_of("tower", 1, 1)
    same = {name for name in first if first[name] == second[name]}
    assert {"plan", "storeys", "wall_colour", "roof", "surroundings_seed"} <= same
    assert not same & {"yaw", "camera_elevation", "sky_seed", "light_azimuth"}


@pytest.mark.parametrize("index", range(0, 24, 4))
def test_pictures_are_well_exposed(index):
    image = picture(factors_of("tower", 4, index))
    assert 0.25 < image.mean() < 0.72
    assert image.std() > 0.1
    assert (image > 0.985).all(-1).mean() < 0.03


@pytest.mark.parametrize(
    ("part", "rows"), [("wall_colour", slice(22, 40)), ("roof_colour", slice(10, 16))]
)
def test_colours_show_where_they_belong(part, rows):
    red, blue = (
        picture({**PLAIN, part: c})[rows, 21:27].mean((0, 1))
        for c in ([0.8, 0.2, 0.2], [0.2, 0.2, 0.8])
    )
    assert red[0] - red[2] > blue[0] - blue[2] + 0.25


def test_light_comes_from_its_azimuth():
    left, right = (picture({**PLAIN, "light_azimuth": a}) for a in (-75.0, 75.0))
    shift = (left - right).mean(-1)[20:40]
    assert shift[:, 19:23].mean() > shift[:, 26:30].mean() + 0.1


def test_yaw_turns_the_door_that_way():
    def door(yaw):
        image = picture(
            {**PLAIN, "door_colour": [1.0, 0.0, 0.0], "wall_colour": [0.5, 0.5, 0.5]} | {"yaw": yaw}
        )
        red = np.maximum(image[38:47, :, 0] - image[38:47, :, 1:].max(-1) - 0.2, 0).sum(0)
        return (red * np.arange(48)).sum() / red.sum()

    assert door(35.0) > door(-35.0) + 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("plan", "square"),
        ("wall", "timbered"),
        ("windows", "round"),
        ("roof", "onion"),
        ("surroundings", "snow"),
        ("sky", "sunset"),
        ("clock", True),
        ("flag", True),
        ("gallery", True),
    ],
)
def test_every_kind_changes_the_picture(name, value):
    assert np.abs(picture({**PLAIN, name: value}) - plain()).max() > 0.1
