"""The same results on an accelerator as on the CPU: every method, every metric, the command.

pytest -m gpu                            # on the first CUDA device
BENCH_TEST_DEVICE=cpu pytest -m gpu      # the same tests, where there is none
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bench.conformance.method_subject import SEEDS, open_method
from bench.conformance.pictures import blurred, sample, truths
from bench.metrics import registry as metrics
from bench.metrics.base import Unscored
from methods import registry as methods
from tests.support.commands import bench_here, rows
from tests.support.metric_samples import ready, stand_ins

pytestmark = pytest.mark.gpu


@pytest.fixture(scope="module")
def device() -> torch.device:
    chosen = torch.device(os.environ.get("BENCH_TEST_DEVICE", "cuda"))
    if chosen.type == "cuda" and not torch.cuda.is_available():
        pytest.skip("torch finds no CUDA device here")
    return chosen


@pytest.fixture(autouse=True)
def without_tf32(monkeypatch: pytest.MonkeyPatch) -> None:
    """Convolutions in full precision, as a run has them."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


@pytest.mark.parametrize("name", methods.BUILT_IN)
def test_a_method_restores_there_what_it_restores_here(
    name: str, device: torch.device, tmp_path: Path
) -> None:
    facts = methods.BUILT_IN[name]
    for module in facts.modules:
        pytest.importorskip(module)
    subject = open_method(facts, tmp_path)
    if subject.absence:
        pytest.skip(subject.absence)
    there = subject.made(replace(subject.task(), device=device))
    there.setup(subject.files)
    restored = there.restore(subject.y.to(device), list(SEEDS))
    assert restored.images.device.type == device.type
    expected = subject.restored.images
    # Searches and trainings amplify rounding; a wrong device, dtype or draw shows in the mean.
    assert (restored.images.cpu() - expected).abs().mean() <= 1e-2
    assert len(restored.fits) == len(subject.restored.fits)


@pytest.mark.parametrize("column", metrics.METRICS)
def test_a_metric_gives_there_what_it_gives_here(
    column: str, device: torch.device, tmp_path: Path
) -> None:
    facts = metrics.METRICS[column]
    for module in facts.modules:
        pytest.importorskip(module)
    here, truth = ready(column, tmp_path), truths()
    there = metrics.load(facts)()
    there.setup(stand_ins(column, tmp_path), device)
    scored = sample(blurred(truth, 2.0), truth)
    for mine, other in zip(here.score(scored), there.score(scored), strict=True):
        if isinstance(mine, Unscored):
            assert other == mine
        else:
            assert other == pytest.approx(mine, rel=1e-4, abs=1e-5)


def test_a_run_there_says_where_it_was_timed(device: torch.device, tmp_path: Path) -> None:
    options = ("--splits", "face", "--images", "1", "--set", "pulse.steps=3")
    done = bench_here(
        "run", "--methods", "bicubic,glean,pulse", *options, "--device", device, "--out", tmp_path
    )
    assert done.returncode == 0, done.stderr
    found = rows(tmp_path)
    assert {row["state"] for row in found} == {"ok"}
    assert all(row["timed_under"].startswith(device.type) for row in found)
    assert all(float(row["peak_mem_bytes"]) > 0 for row in found if row["method"] != "bicubic")
