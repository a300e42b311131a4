"""Readers of factors: what they learn, what is chance, what teaches nothing."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from bench.core.errors import BenchError
from bench.metrics.factor_reader import Factor, description_of
from bench.training.data import read_pictures
from bench.training.factors import factor_of, factors_to_read, read_training_factors
from bench.training.readers import grade
from tests.support.discs import write_discs


def test_a_reader_learns_what_is_to_be_seen(disc_reader: Path) -> None:
    card = tomllib.loads((disc_reader / "face-readers.toml").read_text())
    accuracy = card["settings"]["accuracy"]
    assert accuracy.keys() == {"backdrop", "disc_colour", "has_ring", "lamp", "offset"}
    assert all(value > 0.5 for value in accuracy.values()), accuracy
    assert np.mean(list(accuracy.values())) > 0.85, accuracy
    assert card["settings"]["left_out"].keys() == {"hidden"}  # neither identity, seed nor constant
    assert card["serves"] == [{"split": "face", "domain": "rendered"}]
    assert card["bytes"] < 1_500_000
    described = description_of(disc_reader / "face-readers.safetensors")
    assert {f.name for f in described.factors if f.is_readable} == accuracy.keys()


def test_chance_is_what_the_best_single_answer_reaches() -> None:
    kind = factor_of("hair", ["a"] * 7 + ["b"] * 3)
    assert kind is not None
    assert (kind.options, kind.chance) == (("a", "b"), 0.7)
    rng = np.random.default_rng(0)
    number = factor_of("yaw", [float(v) for v in rng.uniform(-1, 1, 4000)])
    assert number is not None
    assert number.chance == pytest.approx(0.5 / 12**0.5 * 2, abs=0.02)  # a deviation's width of 2
    for nothing in (["a"] * 9, [1.0] * 9, ["a", 1.0], [1.0, (1.0,)], [f"x{i}" for i in range(99)]):
        assert factor_of("none", nothing) is None  # type: ignore[arg-type]


def test_grades_are_one_of_perfect_readings_and_none_of_blind_ones() -> None:
    hair = Factor(name="hair", options=("a", "b"))
    truths = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    logits = np.eye(2)[truths]
    assert grade(hair, logits, truths) == (1.0, 1.0, 1.0)
    assert grade(hair, np.array([[1.0, 0.0]] * 8), truths) == (0.75, 0.5, 0.0)
    yaw = Factor(name="yaw", mean=(0.0,))
    angles = np.linspace(-2, 2, 41)[:, None]
    assert grade(yaw, angles, angles) == (1.0, 1.0, 1.0)
    blind = grade(yaw, np.zeros((41, 1)), angles)
    assert (blind.accuracy, blind.skill) == (pytest.approx(11 / 41), pytest.approx(0))


def test_training_refuses_what_would_teach_nothing(discs: Path, tmp_path: Path) -> None:
    write_discs(tmp_path / "face" / "train", 0, 55, 32)
    write_discs(tmp_path / "face" / "val", 54, 2, 32)
    pictures = read_pictures(tmp_path, "face")
    seen = {path.name for path in pictures.files[: len(pictures.train)]}
    assert not any(name.startswith("0054") for name in seen)  # the same files are held out
    file = tmp_path / "face" / "train" / "0000-0.json"
    moved = json.loads(file.read_text()) | {"identity": "p-55"}
    file.write_text(json.dumps(moved))
    with pytest.raises(BenchError, match="1 identities are both trained on and held out: p-55"):
        read_training_factors(pictures)
    file.unlink()
    with pytest.raises(BenchError, match=r"1 of 224 .* missing, such as 0000-0\.json; `python"):
        read_training_factors(pictures)
    with pytest.raises(BenchError, match="nothing to read"):
        factors_to_read([{"identity": "a", "tile_seed": 1.0}, {"identity": "b", "tile_seed": 2.0}])
