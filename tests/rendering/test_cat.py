"""Rendered cats: factors say all, and every factor shows."""

from __future__ import annotations

import functools
import json

import numpy as np
import pytest

pytest.importorskip("mitsuba")

from bench.rendering import cat
from bench.rendering.category import factors_of


def picture(factors, seed=0):
    return cat.build(factors).render(seed=seed, samples=4, size=48).astype(float) / 255


def middle(image, rows, columns):
    return image[slice(*rows), slice(*columns)].mean((0, 1))


PLAIN = {
    **factors_of("cat", 3, 0),
    "coat": "plain",
    "coat_colour": [0.8, 0.3, 0.1],
    "white_extent": 0.0,
    "collar": "none",
    "mouth": "closed",
    "yaw": 0.0,
    "pitch": 0.0,
    "roll": 0.0,
    "backdrop": "wall",
    "backdrop_colour": [0.2, 0.5, 0.5],
}


@functools.cache
def plain():
    return picture(PLAIN)


def test_every_factor_is_explained():
    assert {*cat.FACTORS} == {*factors_of("cat", 1, 0)} - {"identity"}


def test_factors_survive_json_and_say_all():
    factors = factors_of("cat", 1, 5)
    again = json.loads(json.dumps(factors))
    assert again == factors
    first, second = (cat.build(f).render(seed=1, samples=4, size=32) for f in (factors, again))
    assert np.array_equal(first, second)
    other = cat.build(factors_of("cat", 2, 5)).render(seed=1, samples=4, size=32)
    assert not np.array_equal(first, other)


def test_views_share_an_identity_and_little_else():
    first, second = factors_of("cat", 1, 0), factors_of("cat", 1, 1)
    same = {name for name in first if first[name] == second[name]}
    assert {"coat", "coat_colour", "eye_colour", "ear_shape", "head_width"} <= same
    assert not same & {"yaw", "pitch", "roll", "pupil", "light_azimuth"}


@pytest.mark.parametrize("index", range(0, 24, 4))
def test_pictures_are_well_exposed(index):
    image = picture(factors_of("cat", 4, index))
    assert 0.2 < image.mean() < 0.68
    assert image.std() > 0.1
    assert (image > 0.985).all(-1).mean() < 0.02


def test_coat_colour_shows_on_the_brow():
    brow = ((13, 18), (20, 28))
    ginger, blue = (
        middle(picture({**PLAIN, "coat_colour": c}), *brow)
        for c in ([0.8, 0.3, 0.1], [0.2, 0.3, 0.8])
    )
    assert ginger[0] > ginger[2] + 0.2
    assert blue[2] > blue[0] + 0.2


def test_yaw_turns_the_nose_that_way():
    white = {**PLAIN, "coat_colour": [0.9, 0.9, 0.9], "nose_colour": [1.0, 0.0, 0.0]}
    white |= {"eye_colour": [0.3, 0.5, 0.9], "other_eye_colour": [0.3, 0.5, 0.9]}

    def nose(yaw):
        image = picture({**white, "yaw": yaw})[20:34, 6:42]
        weight = np.maximum(image[..., 0] - image[..., 1:].max(-1) - 0.25, 0)
        return (weight.sum(0) * np.arange(36)).sum() / weight.sum()

    assert nose(30.0) > nose(-30.0) + 3


def test_light_comes_from_its_azimuth():
    left, right = (picture({**PLAIN, "light_azimuth": a}) for a in (-65.0, 65.0))
    shift = (left - right).mean(-1)[8:40]
    assert shift[:, 12:20].mean() > shift[:, 28:36].mean() + 0.1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("coat", "tabby"),
        ("ear_shape", "folded"),
        ("collar", "bell"),
        ("mouth", "open"),
        ("backdrop", "garden"),
    ],
)
def test_every_kind_changes_the_picture(name, value):
    changed = np.abs(picture({**PLAIN, name: value}) - plain())
    assert changed.max() > 0.1
