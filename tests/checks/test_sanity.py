"""Stand-ins: healthy metrics and operators raise no warning, broken ones do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from bench.checks.sanity.measure import measure
from bench.checks.sanity.orders import judge, needed
from bench.checks.sanity.stand_ins import StandIn, stand_in
from bench.metrics.base import Metric, Sample, Unscored
from bench.metrics.facts import Direction, MetricFacts
from bench.metrics.lr_consistency import LRConsistency
from bench.metrics.psnr import PSNR
from bench.metrics.registry import METRICS
from bench.metrics.ssim import SSIM
from bench.operators import KERNELS, Downsample
from bench.planning.cell import Cell
from bench.planning.plan import make_plan
from bench.planning.request import Request
from tests.conftest import write_pictures
from tests.support.commands import bench, bench_here

HEALTHY: Mapping[str, Metric] = {
    "psnr_rgb_db": PSNR(), "ssim": SSIM(), "lr_psnr_db": LRConsistency(),
}  # fmt: skip


@dataclass
class Flipped(Metric):
    """The metric with its sign turned."""

    of: Metric

    def score(self, sample: Sample) -> Sequence[float | Unscored]:
        return [-value for value in self.of.score(sample)]


class Constant(Metric):
    def score(self, sample: Sample) -> list[float]:
        return [0.5] * len(sample.truth)


class Mirrored(Downsample):
    def __call__(self, x: Tensor) -> Tensor:
        return super().__call__(x.flip(3))


class UpsideDown(Downsample):
    def __call__(self, x: Tensor) -> Tensor:
        return super().__call__(x.flip(2))


class Inverted(Downsample):
    def __call__(self, x: Tensor) -> Tensor:
        return super().__call__(1 - x)


class Unsteady(Downsample):
    def __call__(self, x: Tensor) -> Tensor:
        y = super().__call__(x)
        return y + 0.1 * torch.randn_like(y)


@pytest.fixture
def cell(suite: Path, tmp_path: Path) -> Cell:
    """`nearest` at 8x on eight pictures of 64 pixels."""
    write_pictures(tmp_path / "eight" / "face", 8)
    request = Request(
        str(suite), methods=("nearest",), splits=("face",), scales=(8,), data=tmp_path / "eight"
    )
    return make_plan(request, tmp_path).cells[0].cell


def faults(cell: Cell, metrics: Mapping[str, Metric] = HEALTHY) -> list[str]:
    """What is found wrong, by metrics under the names of known ones."""
    scorings = [SimpleNamespace(facts=METRICS[column]) for column in metrics]
    found = measure(cell, scorings, metrics).faults  # type: ignore[arg-type]
    assert all(fault.text.startswith(METRICS[fault.metric].title) for fault in found)
    return [fault.text for fault in found]


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("scale", [2, 4, 8, 16])
def test_healthy_ones_raise_no_warning(cell: Cell, kernel: str, scale: int) -> None:
    assert faults(replace(cell, scale=scale, operator=Downsample(scale, kernel))) == []


@pytest.mark.parametrize("column", HEALTHY)
def test_a_metric_whose_sign_is_turned_is_noticed(cell: Cell, column: str) -> None:
    found = faults(cell, {**HEALTHY, column: Flipped(HEALTHY[column])})
    assert found
    assert all(METRICS[column].title in fault for fault in found)
    assert any("the truth itself scores" in fault for fault in found)
    assert any("the truth at half its resolution scores no better" in fault for fault in found)


def test_a_metric_that_sees_nothing_is_noticed(cell: Cell) -> None:
    (of_truth, of_order, of_blocks) = faults(cell, {"st_lpips": Constant()})
    assert "the truth itself scores 0.5 instead of 0 on 8 of 8 images" in of_truth
    assert "scores no better than another picture of the split" in of_order
    assert "at twice the input's resolution scores no better than nearest neighbour" in of_blocks


def test_a_metric_of_unknown_perfection_must_not_rate_anything_above_the_truth() -> None:
    facts = MetricFacts("mine", "Mine", Direction.HIGHER, "", "mine", ":")
    scores = {StandIn.TRUTH: [1.0] * 8, StandIn.HALVED: [0.8] * 8, StandIn.STRANGER: [0.1] * 8}
    assert judge(facts, scores) == []
    assert judge(facts, {**scores, StandIn.HALVED: [0.8] * 7 + [1.2]}) != []


@pytest.mark.parametrize("operator", [Mirrored, UpsideDown, Inverted, Unsteady])
def test_a_broken_operator_is_noticed(cell: Cell, operator: type[Downsample]) -> None:
    found = faults(replace(cell, operator=operator(8)))
    assert any("the degradation" in fault or "LR PSNR" in fault for fault in found), found


def test_too_few_images_prove_no_disorder(cell: Cell) -> None:
    few = replace(cell, split=cell.split.first(3))
    assert faults(few) == []
    found = faults(few, {"st_lpips": Constant()})
    assert all("instead of" in fault for fault in found)
    assert found  # the truth itself needs no statistics
    assert faults(replace(cell, split=cell.split.first(1))) == []


def test_every_metric_scores_the_truth_and_a_stranger() -> None:
    for facts in METRICS.values():
        assert needed(facts) >= {StandIn.TRUTH, StandIn.HALVED, StandIn.STRANGER}
    truth, other = torch.rand(2, 1, 3, 32, 32)
    for kind in StandIn:
        made = stand_in(kind, truth, other, Downsample(8))
        assert made.shape == truth.shape
        torch.testing.assert_close(made * 255, (made * 255).round(), atol=1e-3, rtol=0)


def test_a_run_with_a_broken_metric_warns_and_is_judged_once(suite: Path, tmp_path: Path) -> None:
    write_pictures(tmp_path / "data" / "face", 8)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "sitecustomize.py").write_text(
        "import bench.metrics.psnr as m\n"
        "right = m.PSNR.score\n"
        "m.PSNR.score = lambda self, sample: [-v for v in right(self, sample)]\n"
    )
    out = tmp_path / "out"
    arguments = ("run", "--suite", suite, "--data", tmp_path / "data", "--scale", 8,
                 "--methods", "nearest", "--out", out)  # fmt: skip
    root = Path(__file__).resolve().parents[2]
    done = bench(*arguments, PYTHONPATH=f"{tmp_path / 'broken'}:{root}")
    assert done.returncode == 0, done.stderr
    run = json.loads((out / "run.json").read_text())
    assert {warning["kind"] for warning in run["warnings"]} == {"sanity"}
    assert {w["metric"] for w in run["warnings"]} == {"psnr_rgb_db"}
    assert {(w["split"], w["scale"]) for w in run["warnings"]} == {("face", 8)}
    for name in ("summary.md", "report.html"):
        text = (out / name).read_text()
        assert "Warnings" in text
        assert "face at 8x: PSNR: the truth itself scores -100 instead of 100" in text
    # It leads no table, and says so where it stands; without the store too.
    head = "Best first by LR PSNR; the best mean of each column is set bold. ‡ not to be trusted"
    assert head in (out / "summary.md").read_text()
    shutil.copytree(out, tmp_path / "passed", ignore=shutil.ignore_patterns("store"))
    assert bench_here("report", tmp_path / "passed").returncode == 0
    assert (tmp_path / "passed" / "summary.md").read_text() == (out / "summary.md").read_text()
    # Repaired, but the record still stands for these conditions; nothing is scored again.
    (check,) = (out / "store" / "checks").glob("sanity-*.json")
    before = check.stat().st_mtime_ns
    assert bench(*arguments, PYTHONPATH=f"{tmp_path / 'broken'}:{root}").returncode == 0
    assert check.stat().st_mtime_ns == before
