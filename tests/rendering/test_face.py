"""Rendered faces: factors that are documented, pictures that follow them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("mitsuba")

from bench.rendering.category import Draw, factors_of, load
from bench.rendering.face import FACTORS
from bench.rendering.face.head import Head

FACE = load("face")
FEW = 6  # samples a pixel: enough for means


def picture(factors: Any, **changes: Any) -> NDArray[np.float64]:
    """A quick picture of the factors with changes, in [0, 1]."""
    return FACE.build({**factors, **changes}).render(seed=0, samples=FEW) / 255.0


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    """Someone who looks ahead, with all of the face to be seen."""
    straight = {"yaw": 0.0, "pitch": 0.0, "roll": 0.0, "gaze": 0.0, "light_azimuth": 0.0}
    bare = {"glasses": "none", "beard": "none", "hair_style": "curly", "hair_fringe": False}
    pale = {"skin_colour": [0.9, 0.7, 0.58], "backdrop": "plaster"}
    return {**factors_of("face", 3, 0), **straight, **bare, **pale}


@pytest.fixture(scope="module")
def portrait(plain: dict[str, Any]) -> NDArray[np.float64]:
    """Their picture."""
    return picture(plain)


def test_every_factor_has_a_line_and_every_line_a_factor() -> None:
    for index in range(40):
        factors = factors_of("face", 5, index)
        assert set(factors) == {"identity", *FACTORS}
        assert json.loads(json.dumps(factors)) == factors


def test_views_of_one_identity_share_what_the_person_is() -> None:
    first, second, other = (factors_of("face", 5, index) for index in (0, 1, 4))
    person = set(FACE.identity(Draw(0)))
    assert all(first[name] == second[name] for name in person)
    assert first["yaw"] != second["yaw"]
    assert first["skin_colour"] != other["skin_colour"]


def test_the_same_factors_give_the_same_picture() -> None:
    factors = factors_of("face", 5, 0)
    first, again = (FACE.build(factors).render(seed=1, samples=2) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, FACE.build(factors).render(seed=2, samples=2))
    assert not np.array_equal(first, FACE.build(factors_of("face", 6, 0)).render(1, samples=2))


@pytest.mark.parametrize("index", range(0, 24, 4))
def test_pictures_are_well_exposed(index: int) -> None:
    pixels = picture(factors_of("face", 11, index))
    assert 0.28 < pixels.mean() < 0.68
    assert pixels.std() > 0.1
    assert (pixels > 0.99).all(-1).mean() < 0.02


def test_hair_takes_its_colour(plain: dict[str, Any]) -> None:
    crown = np.s_[6:20, 50:78]
    red = picture(plain, hair_colour=[0.8, 0.2, 0.1])[crown].mean((0, 1))
    blue = picture(plain, hair_colour=[0.1, 0.2, 0.8])[crown].mean((0, 1))
    assert red[0] - blue[0] > 0.2
    assert blue[2] - red[2] > 0.2


def test_light_falls_from_where_it_stands(plain: dict[str, Any]) -> None:
    left, right = (
        picture(plain, light_azimuth=azimuth)[50:100, 30:98].mean((0, 2)) for azimuth in (-60, 60)
    )
    half = len(left) // 2
    assert left[:half].mean() - left[half:].mean() > 0.03
    assert right[half:].mean() - right[:half].mean() > 0.03


def test_a_turned_head_keeps_its_eyes_in_place(plain: dict[str, Any]) -> None:
    """The camera follows the eyes, so the back of the head goes the other way."""
    centres = []
    for yaw in (-25, 25):
        pixels = picture(plain, yaw=yaw, hair_colour=[0.1, 0.2, 0.9], backdrop_colour=[0.8] * 3)
        blue = (pixels[..., 2] - pixels[..., 0]).clip(0.2) - 0.2
        centres.append((blue.sum(0) * np.arange(128)).sum() / blue.sum())
    assert centres[0] - centres[1] > 8


def test_a_smile_and_glasses_change_their_own_regions_alone(
    plain: dict[str, Any], portrait: NDArray[np.float64]
) -> None:
    glasses = np.abs(picture(plain, glasses="sun") - portrait).mean(-1)
    assert glasses[52:72, 36:92].mean() > 4 * glasses[95:110].mean()
    smile = np.abs(picture(plain, smile=1.0, mouth_open=0.8) - portrait).mean(-1)
    assert smile[80:100, 46:82].mean() > 4 * smile[:40].mean()


def test_skin_faces_outwards(plain: dict[str, Any]) -> None:
    mesh = Head(plain).mesh()
    first, second, third = (mesh.vertices[mesh.faces[:, corner]] for corner in range(3))
    across = np.cross(second - first, third - first)
    assert (mesh.normals * mesh.vertices).sum(1).mean() > 0.3
    assert ((across * mesh.normals[mesh.faces[:, 0]]).sum(1) >= 0).mean() > 0.99
