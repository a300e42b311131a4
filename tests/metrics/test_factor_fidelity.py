"""Factor fidelity: agreement that falls, readers and factors that do not fit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save

from bench.core.errors import BenchError
from bench.datasets.factors import Known, Unknown, known_of
from bench.metrics.base import Composed, Sample
from bench.metrics.factor_fidelity import FactorFidelity
from bench.metrics.factor_reader import Description, DescriptionError, Factor
from bench.operators import Downsample
from bench.pictures.files import read_rgb
from bench.pictures.tensors import to_tensor
from methods.networks.reader import FactorReader
from tests.support.discs import VIEWS

CPU = torch.device("cpu")


def test_agreement_is_high_on_the_truth_and_falls_with_what_is_lost(
    disc_reader: Path, discs: Path
) -> None:
    metric = FactorFidelity()
    metric.setup({"factor-reader-face": disc_reader / "face-readers.safetensors"}, CPU)
    paths = sorted((discs / "face" / "val").glob("*.png"))[: 8 * VIEWS]
    truth = torch.cat([to_tensor(read_rgb(path)) for path in paths])
    known = tuple(known_of(path, "face") for path in paths)
    flat = truth.mean((2, 3), keepdim=True).expand_as(truth)
    own = mean_score(metric, truth, truth, known)
    assert own > 0.85
    assert mean_score(metric, truth.roll(2 * VIEWS, 0), truth, known) < own - 0.3
    assert mean_score(metric, flat, truth, known) < own - 0.3


def mean_score(
    metric: FactorFidelity,
    restored: torch.Tensor,
    truth: torch.Tensor,
    known: tuple[Known | Unknown, ...],
) -> float:
    operator = Downsample(8)
    scores = metric.score(Sample(restored, truth, operator.observe(truth), operator, known))
    composed = [score for score in scores if isinstance(score, Composed)]
    assert len(composed) == len(scores)
    for score in composed:
        assert score.parts["hidden"].restored is None  # not counted
        counted = [p.restored for p in score.parts.values() if p.restored is not None]
        assert score.value == pytest.approx(np.mean(counted))
    return float(np.mean([score.value for score in composed]))


def test_factors_that_a_reader_was_not_made_for_are_named() -> None:
    hair = Factor(name="hair", options=("curly", "straight"))
    yaw = Factor(name="yaw", mean=(0.0,), spread=10.0)
    glasses = Factor(name="glasses", options=("no", "yes"), is_flag=True)
    description = Description(split="face", factors=(hair, yaw, glasses))
    good = {"hair": "curly", "yaw": 3.0, "glasses": True, "more": 1.0}
    assert [list(t) for t in description.targets(good).values()] == [[0], [0.3], [1]]
    for wrong, told in (
        ({"yaw": 3.0}, "lack hair, glasses"),
        (good | {"hair": "wavy"}, "hair = 'wavy'"),
        (good | {"hair": True}, "hair = True"),
        (good | {"glasses": "yes"}, "glasses = 'yes'"),
        (good | {"yaw": (3.0, 1.0)}, "yaw = "),
        (good | {"yaw": False}, "yaw = False"),
    ):
        with pytest.raises(DescriptionError, match=told):
            description.targets(wrong)


def test_a_reader_that_does_not_say_what_it_reads_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    weights = FactorReader(2).state_dict()
    described = {"split": "face", "factors": [{"name": "hair", "options": ["a", "b"]}]}
    nan = {**described, "factors": [{"name": "yaw", "mean": [0], "spread": float("nan")}]}
    wide = {**described, "factors": [{"name": "hair", "options": ["a", "b", "c"]}]}
    for metadata, told in (
        (None, "does not say which factors"),
        ({"factors": "[" * 9999}, "no JSON"),
        ({"factors": "{}"}, "split"),
        ({"factors": json.dumps(nan)}, "finite"),
        ({"factors": json.dumps({**described, "run": "rm"})}, "run"),
        ({"factors": json.dumps(wide)}, "2 outputs, and its factors take 3"),
    ):
        path.write_bytes(save(weights, metadata))
        with pytest.raises(BenchError, match=told):
            FactorFidelity().setup({"factor-reader-face": path}, CPU)


def test_agreement_is_by_kind_and_within_half_a_deviation() -> None:
    yaw = Factor(name="yaw", mean=(10.0,), spread=20.0)
    target = yaw.target(20.0)
    assert target is not None
    assert yaw.agrees(np.array([0.99]), target)
    assert not yaw.agrees(np.array([1.01]), target)
    skin = Factor(name="skin", mean=(0.5, 0.5, 0.5), spread=0.1, is_list=True)
    colour = skin.target((0.5, 0.6, 0.5))
    assert colour is not None
    assert skin.agrees(np.array([0.0, 1 - 0.86, 0.0]), colour)  # 0.86 / sqrt(3) is below a half
    assert not skin.agrees(np.array([0.0, 1 - 0.88, 0.0]), colour)
    with pytest.raises(ValueError, match="options, or a mean"):
        Factor(name="neither")


def test_a_factor_is_readable_with_skill_and_above_a_guess() -> None:
    factor = Factor(name="yaw", mean=(0.0,), chance=0.4, agreement=0.55, skill=0.5)
    assert factor.is_readable
    assert not factor.model_copy(update={"skill": 0.29}).is_readable
    assert not factor.model_copy(update={"agreement": 0.45}).is_readable
