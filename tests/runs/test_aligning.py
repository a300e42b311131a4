"""Faces of photographs: found at any size and tilt, and cut out where networks expect them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from bench.datasets.suites import FaceCrop, load_suite
from bench.metrics.faces import face_finder, five_points
from bench.pictures.files import Pixels, read_rgb, write_png
from bench.runs.aligning import Square, aligner, cut, find_faces, mirrored, square_of
from tests.support.commands import bench_here

PHOTO = load_suite("photo")


@pytest.fixture(scope="module")
def photograph() -> Pixels:
    """(900, 1200, 3): the astronaut that scikit-image ships, beside a plain wall."""
    canvas = np.full((900, 1200, 3), 120, np.uint8)
    astronaut = Image.fromarray(data.astronaut()).resize((900, 900), Image.Resampling.BICUBIC)
    canvas[:, :900] = np.asarray(astronaut)
    return canvas


def test_a_square_is_cut_pixel_for_pixel_and_mirrored_beyond_the_edges() -> None:
    pixels = np.arange(5 * 6 * 3, dtype=np.uint8).reshape(5, 6, 3)
    inside = cut(pixels, Square(np.array([3.0, 2.0]), np.array([4.0, 0.0])))
    assert np.array_equal(inside, pixels[0:4, 1:5])
    turned = cut(pixels, Square(np.array([3.0, 2.0]), np.array([0.0, 4.0])))
    assert np.array_equal(turned, np.rot90(pixels[0:4, 1:5], 1))
    corner = cut(pixels, Square(np.array([0.0, 0.0]), np.array([4.0, 0.0])))
    assert np.array_equal(corner[:2], corner[:1:-1])
    assert np.array_equal(corner[2:, 2:], pixels[:2, :2])
    assert list(mirrored(-3, 8, 3)) == [2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1]


def test_the_square_is_progans(photograph: Pixels) -> None:
    landmarks = np.zeros((68, 2))
    landmarks[36:42], landmarks[42:48] = (40, 50), (60, 50)
    landmarks[48], landmarks[54] = (45, 74), (55, 74)
    square = square_of(landmarks, FaceCrop(centre=0.1, eyes=4.0, mouth=3.6))
    assert np.allclose(square.centre, (50, 52.4))
    assert np.allclose(square.across, (3.6 * 24, 0))
    landmarks[48:55, 1] = 60  # a short face: now the eyes decide
    assert np.allclose(square_of(landmarks, FaceCrop(centre=0, eyes=4, mouth=3.6)).across, (80, 0))


@pytest.mark.parametrize("tilt", [0, 15])
def test_eyes_and_mouth_come_where_the_networks_learnt_them(photograph: Pixels, tilt: int) -> None:
    turned = np.array(Image.fromarray(photograph).rotate(tilt, Image.Resampling.BICUBIC))
    (face,) = aligner(PHOTO, "face")(turned)
    assert face.shape[0] == face.shape[1] > 150
    left, right, _, *mouth = five_points(face_finder()(face)) / len(face)
    middle = (left + right) / 2
    # Half-way between eyes and mouth is the centre; UTKFace has the eyes at 0.30, 0.69 and 0.30.
    assert np.abs((middle + np.mean(mouth, 0)) / 2 - 0.5).max() < 0.02
    assert abs(left[1] - right[1]) < 0.03
    assert abs(middle[1] - 0.30) < 0.03
    (wide,) = aligner(load_suite("paper"), "face")(turned)
    assert 1.4 < len(wide) / len(face) < 1.8


def test_two_faces_are_two_and_what_is_none_is_none(photograph: Pixels) -> None:
    both = np.full((900, 1600, 3), 120, np.uint8)
    both[:, :900] = photograph[:, :900]
    both[200:700, 1000:1500] = data.astronaut()[:500, :500]
    sides = [len(face) for face in aligner(PHOTO, "face")(both)]
    assert len(sides) == 2
    assert sides[0] > 1.5 * sides[1]
    assert not list(find_faces(data.coffee()))


def test_import_aligns_and_keeps_the_names_of_its_sources(
    photograph: Pixels, tmp_path: Path
) -> None:
    write_png(tmp_path / "phone" / "IMG_1.png", photograph)
    twice = np.concatenate([photograph[:, :900], photograph[:, 899::-1]], 1)
    Image.fromarray(twice).save(tmp_path / "phone" / "IMG_2.jpg", quality=95)
    Image.fromarray(photograph).save(tmp_path / "phone" / "IMG_3.avif", quality=90)
    write_png(tmp_path / "phone" / "cup.png", data.coffee())
    small = Image.fromarray(data.astronaut()[:200, 100:350])
    small.save(tmp_path / "phone" / "small.png")
    command = ("import", tmp_path / "phone", "--split", "face", "--out", tmp_path / "data")
    done = bench_here(*command, "--align")
    assert done.returncode == 0, done.stderr
    assert "4 imported, 1 no face, 1 too small" in done.stdout
    assert "cup.png: none is found in it" in done.stderr
    assert "small.png: a face of 1" in done.stderr
    with (tmp_path / "data" / "face" / "test-manifest.csv").open(newline="") as file:
        lines = {line["name"]: line for line in csv.DictReader(file) if line["output"]}
    assert set(lines) == {"IMG_1.png", "IMG_2.jpg", "IMG_2-face2.jpg", "IMG_3.avif"}
    assert {line["fit"] for line in lines.values()} == {"align"}
    folder = tmp_path / "data" / "face" / "test"
    assert {read_rgb(path).shape for path in folder.iterdir()} == {(128, 128, 3)}
    dry = bench_here("run", "--suite", "photo", "--data", tmp_path / "data", "--methods", "bicubic",
                     "--splits", "face", "--out", tmp_path / "out", "--dry-run")  # fmt: skip
    assert "4 to do" in dry.stdout
    again = bench_here(*command, "--align")
    assert "4 there already" in again.stdout
    mixed = bench_here(*command)
    assert mixed.returncode == 2
    assert "holds pictures imported with --align" in mixed.stderr
    for more, told in (
        (("--fit", "stretch"), "name one"),
        (("--suite", "mini"), "does not say where faces stand"),
    ):
        wrong = bench_here(*command, "--align", *more)
        assert wrong.returncode == 2
        assert told in wrong.stderr


def test_restore_reduces_each_face_to_what_the_network_takes(
    photograph: Pixels, tmp_path: Path
) -> None:
    write_png(tmp_path / "IMG_1.png", photograph)
    write_png(tmp_path / "cup.png", data.coffee())
    done = bench_here("restore", tmp_path, "--method", "glean", "--align", "--out", tmp_path / "o")
    assert done.returncode == 1
    assert "cup.png: no face is found in it" in done.stderr
    assert "8x8 to 128x128 pixels" in done.stdout
    restored = read_rgb(tmp_path / "o" / "IMG_1.png").astype(float)
    assert restored.shape == (128, 128, 3)
    (face,) = aligner(PHOTO, "face")(photograph)
    reduced = np.asarray(Image.fromarray(face).resize((128, 128), Image.Resampling.BICUBIC))
    bicubic = Image.fromarray(face).resize((8, 8), Image.Resampling.BOX).resize((128, 128))
    # Nearer to the face than what was known of it: the network was given a face in its place.
    assert np.abs(restored - reduced).mean() < np.abs(np.asarray(bicubic) - reduced).mean()
