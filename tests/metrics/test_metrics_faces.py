"""Faces: where they are found, what is compared, and networks that do not fit."""

from __future__ import annotations

import os
from pathlib import Path

import dlib
import numpy as np
import pytest
import torch
from insightface.model_zoo.arcface_onnx import ArcFaceONNX
from PIL import Image
from torch import Tensor

from bench.conformance.pictures import blurred, face, noisy, sample, truths
from bench.core.errors import BenchError
from bench.metrics.arcface import ArcFace, ArcFaceCosine, align
from bench.metrics.base import Metric, Unscored
from bench.metrics.dlib_face import DlibDistance
from bench.metrics.faces import NO_FACE, five_points
from bench.pictures.files import read_rgb
from bench.pictures.tensors import to_tensor
from bench.weights.search import identify
from methods.faces import FaceFinder, face_finder, model_file
from tests.conftest import picture
from tests.support.metric_samples import SHARED, write_embedder

# Read before the tests hide the user's own.
WEIGHTS = [*os.environ.get("BENCH_WEIGHTS", "").split(os.pathsep), str(SHARED / "weights")]
MOBILEFACENET = "arcface_mobilefacenet.onnx"
CARD = """
title = "MobileFaceNet"
kind = "arcface"
licence = "Apache-2.0"
[settings]
mean = [0.485, 0.456, 0.406]
std = [0.229, 0.224, 0.225]
"""


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return face_finder()


def enlarged(pixels: np.ndarray, side: int) -> np.ndarray:
    """The picture at another size."""
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("side", [64, 128, 512, 1024])
def test_a_face_is_found_at_any_size_in_the_same_place(finder: FaceFinder, side: int) -> None:
    found = finder(enlarged(face(), side))
    assert found is not None
    points = five_points(found) / side
    reference = five_points(finder(face())) / 128
    assert np.abs(points - reference).max() < 0.02
    left_eye, right_eye, nose, left_mouth, right_mouth = points
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < nose[0] < right_mouth[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])


def test_a_small_face_in_a_large_picture_is_found(finder: FaceFinder) -> None:
    canvas = np.full((512, 640, 3), 128, np.uint8)
    canvas[300:428, 400:528] = face()
    shift = five_points(finder(canvas)) - five_points(finder(face()))
    assert np.abs(shift - (400, 300)).max() < 3


@pytest.mark.parametrize("metric_class", [ArcFaceCosine, DlibDistance])
def test_the_truth_decides_where_the_face_is(
    metric_class: type[Metric], finder: FaceFinder, tmp_path: Path
) -> None:
    metric = metric_class()
    metric.setup({"arcface": write_embedder(tmp_path / "a.onnx")}, torch.device("cpu"))
    nobody = to_tensor(picture(0, 128))
    # In the restored picture nothing is searched: the worst of all is scored too.
    assert finder(picture(0, 128)) is None
    (score,) = metric.score(sample(nobody, truths()[:1]))
    assert isinstance(score, float)
    assert metric.score(sample(truths()[:1], nobody)) == [NO_FACE]
    both = metric.score(sample(truths()[:2], torch.cat([nobody, truths()[1:2]])))
    assert [isinstance(score, Unscored) for score in both] == [True, False]


def test_dlib_distances_are_those_of_the_library(finder: FaceFinder) -> None:
    metric = DlibDistance()
    metric.setup({}, torch.device("cpu"))
    network = dlib.face_recognition_model_v1(
        str(model_file("dlib_face_recognition_resnet_model_v1.dat"))
    )
    truth, restored = face(), enlarged(enlarged(face(), 32), 128)
    found = finder(truth)
    a, b = (np.array(network.compute_face_descriptor(p, found)) for p in (restored, truth))
    (score,) = metric.score(sample(to_tensor(restored.copy()), to_tensor(truth)))
    assert score == pytest.approx(np.linalg.norm(a - b), abs=1e-3)
    assert np.linalg.norm(a - b) > 0.1


@pytest.mark.filterwarnings("ignore:.*estimate.*:FutureWarning")  # insightface's, of scikit-image
def test_arcface_embeddings_are_those_of_insightface(finder: FaceFinder, tmp_path: Path) -> None:
    path = write_embedder(tmp_path / "a.onnx")
    points = five_points(finder(face()))

    class Detected:
        kps = points

    reference = ArcFaceONNX(str(path)).get(np.ascontiguousarray(face()[..., ::-1]), Detected)
    ours = ArcFace(identify(path))(align(face(), points, 112))
    assert ours @ (reference / np.linalg.norm(reference)) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("batch", [1, 3])
def test_a_graph_of_a_fixed_batch_embeds_one_face_alike(batch: int, tmp_path: Path) -> None:
    free, fixed = (
        ArcFace(identify(write_embedder(tmp_path / f"{b}.onnx", batch=b))) for b in ("N", batch)
    )
    chip = enlarged(face(), 112)
    assert np.allclose(free(chip), fixed(chip), atol=1e-6)


def test_the_card_says_how_the_network_is_fed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path))
    path = write_embedder(tmp_path / "a.onnx")
    chip = enlarged(face(), 112)
    as_it_is, swapped = ArcFace(identify(path))(chip), ArcFace(identify(path))(chip[..., ::-1])
    write_card(tmp_path / "a.toml", 'colour = "bgr"')
    assert np.allclose(ArcFace(identify(path))(chip), swapped, atol=1e-6)
    assert not np.allclose(as_it_is, swapped, atol=1e-3)
    write_card(tmp_path / "a.toml", "mean = [0.0, 0.0, 0.0]\nstd = [1.0, 1.0, 1.0]")
    assert not np.allclose(ArcFace(identify(path))(chip), as_it_is, atol=1e-3)
    write_card(tmp_path / "a.toml", "deviation = [1.0, 1.0, 1.0]")
    with pytest.raises(BenchError, match=r"a\.onnx.*'deviation'.*Known: colour, mean, std"):
        ArcFace(identify(path))


def write_card(path: Path, settings: str) -> None:
    """A card of a face embedder with these settings."""
    path.write_text(f'title = "A"\nkind = "arcface"\nlicence = "mine"\n[settings]\n{settings}\n')


@pytest.mark.parametrize(("side", "results"), [(104, 1), (112, 2)])
def test_a_network_that_takes_no_faces_is_refused(side: int, results: int, tmp_path: Path) -> None:
    path = write_embedder(tmp_path / "a.onnx", side=side, results=results)
    with pytest.raises(BenchError, match=f"no face embedder.*{side}.*multiple of 112 or 128"):
        ArcFace(identify(path))


@pytest.fixture
def mobilefacenet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ArcFaceCosine:
    """ArcFace cosine with trained weights."""
    places = [Path(folder, MOBILEFACENET) for folder in WEIGHTS]
    file = next((place for place in places if place.exists()), None)
    if file is None:
        pytest.skip(f"no {MOBILEFACENET}; name the folder that has it in BENCH_WEIGHTS")
    (tmp_path / MOBILEFACENET).symlink_to(file.resolve())
    (tmp_path / MOBILEFACENET).with_suffix(".toml").write_text(CARD)
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path))
    metric = ArcFaceCosine()
    metric.setup({"arcface": tmp_path / MOBILEFACENET}, torch.device("cpu"))
    return metric


def test_trained_weights_know_a_person_in_a_worse_picture(mobilefacenet: ArcFaceCosine) -> None:
    def cosines(restored: Tensor) -> list[float]:
        scores = mobilefacenet.score(sample(restored, truths()))
        return [score for score in scores if isinstance(score, float)]

    assert cosines(truths()) == pytest.approx([1, 1, 1])
    assert min(cosines(blurred(truths(), 1.0))) > 0.9
    assert min(cosines(noisy(truths(), 0.03))) > 0.8
    assert max(cosines(blurred(truths(), 8.0))) < 0.5


def test_trained_weights_tell_strangers_apart(
    mobilefacenet: ArcFaceCosine, finder: FaceFinder
) -> None:
    paths = sorted((SHARED / "photos" / "face" / "test").glob("*.webp"))[:30]
    if not paths:
        pytest.skip(f"no photographs in {SHARED / 'photos' / 'face' / 'test'}")
    people = [read_rgb(path) for path in paths]
    found = [finder(person) for person in people]
    assert all(found)
    clear = np.stack([mobilefacenet.embed(p, f) for p, f in zip(people, found, strict=True)])
    reduced = [enlarged(enlarged(person, 32), 128) for person in people]
    soft = np.stack([mobilefacenet.embed(p, f) for p, f in zip(reduced, found, strict=True)])
    strangers = (clear @ clear.T)[np.triu_indices(len(people), 1)]
    # Crops that are only resized give 0.54 between strangers.
    assert strangers.mean() < 0.15
    assert (clear * soft).sum(1).mean() > 0.75
    assert ((clear @ soft.T).argmax(0) == np.arange(len(people))).mean() > 0.9
