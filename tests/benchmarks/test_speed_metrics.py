"""The metrics, one picture of 128 pixels at a time, with stand-ins for weights that do not ship."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bench.conformance.pictures import blurred, sample, truths
from bench.metrics.availability import missing
from bench.metrics.of_truth import OfTruth
from bench.metrics.registry import resolve
from tests.benchmarks.conftest import Measure
from tests.support.metric_samples import ready

pytestmark = pytest.mark.benchmark(timer=time.process_time)
COLUMNS = ["psnr_rgb_db", "ssim", "lpips_alex", "lpips_vgg", "st_lpips", "lr_psnr_db"]
FACES = ["arcface_cosine", "dlib_distance"]
OF_TRUTH = ["lpips_alex", "lpips_vgg", "st_lpips", *FACES, "rendered_identity_cosine"]


@pytest.mark.parametrize("column", COLUMNS + FACES)
def test_scoring_a_picture(column: str, speed: Measure, tmp_path: Path) -> None:
    facts = resolve(column)
    if not facts.weights and (lacking := missing(facts)):
        pytest.skip(lacking.reason)
    metric, truth = ready(column, tmp_path), truths()[:1]
    scored = sample(blurred(truth, 2.0), truth)
    assert speed(lambda: metric.score(scored)) > 0


@pytest.mark.parametrize("column", OF_TRUTH)
def test_scoring_a_picture_of_a_known_truth(column: str, speed: Measure, tmp_path: Path) -> None:
    """As from the second method of a split on: what is of the truth alone is read."""
    facts = resolve(column)
    if not facts.weights and not facts.split_weights and (lacking := missing(facts)):
        pytest.skip(lacking.reason)
    metric, truth = ready(column, tmp_path), truths()[:1]
    (tmp_path / "truths").mkdir()
    metric.of_truth = OfTruth(tmp_path / "truths", column)
    scored = sample(blurred(truth, 2.0), truth)
    metric.score(scored)
    assert speed(lambda: metric.score(scored)) > 0
