"""Formulas of the metrics against libraries and papers, and what is told where one is missing.

What every metric owes, `test_conformance.py` checks.
"""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torch import Tensor

from bench.conformance.pictures import blurred, noisy, sample, truths
from bench.core.errors import UnknownName
from bench.metrics.availability import files, identified, missing
from bench.metrics.base import Metric, Sample, Unscored
from bench.metrics.lr_consistency import LRConsistency
from bench.metrics.psnr import IDENTICAL_DB, psnr_db
from bench.metrics.registry import METRICS, load, resolve
from bench.metrics.ssim import ssim
from bench.operators import Downsample
from bench.weights.search import Missing
from tests.conftest import SUITE, write_pictures
from tests.support.commands import bench_here, rows
from tests.support.metric_samples import ready, write_embedder

ROOT = Path(__file__).resolve().parents[2]
ORDER = ["psnr_rgb_db", "ssim", "lpips_alex", "lpips_vgg", "st_lpips", "arcface_cosine",
         "dlib_distance", "rendered_identity_cosine", "lr_psnr_db"]  # fmt: skip
SELF = dict.fromkeys(ORDER, 0.0) | {
    "psnr_rgb_db": IDENTICAL_DB, "ssim": 1.0, "arcface_cosine": 1.0, "lr_psnr_db": IDENTICAL_DB,
    "rendered_identity_cosine": 1.0,
}  # fmt: skip


@pytest.fixture(scope="module", params=ORDER)
def column(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    lacking = [m for m in resolve(name).modules if importlib.util.find_spec(m) is None]
    if lacking:
        pytest.skip(f"{name} needs {', '.join(lacking)}; {resolve(name).install}")
    return name


@pytest.fixture(scope="module")
def metric(column: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Metric]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield ready(column, tmp_path_factory.mktemp("files"))


def scores(metric: Metric, restored: Tensor, truth: Tensor) -> list[float]:
    """The scores of pictures that all have one."""
    found = metric.score(sample(restored, truth))
    assert all(isinstance(score, float) for score in found), found
    return [score for score in found if isinstance(score, float)]


def test_the_truth_has_the_score_of_identity(metric: Metric, column: str) -> None:
    assert scores(metric, truths(), truths()) == pytest.approx([SELF[column]] * 3, abs=1e-6)


def of_side(side: int) -> Sample:
    """A picture of that size and another."""
    one, other = (picture[None, :, :side, :side] for picture in truths()[:2])
    return Sample(one, other, one, Downsample(1, "matlab-bicubic"))


def test_the_smallest_picture_is_that_which_can_be_scored(metric: Metric, column: str) -> None:
    smallest = resolve(column).smallest
    (score,) = metric.score(of_side(smallest))
    assert isinstance(score, Unscored) or math.isfinite(float(score))
    if smallest > 1:
        with pytest.raises((ValueError, RuntimeError)):
            metric.score(of_side(smallest - 1))
        assert {"ssim": 11, "lpips_alex": 31, "lpips_vgg": 16, "st_lpips": 21}[column] == smallest


def test_pictures_smaller_than_a_window_are_told_so_once(tmp_path: Path) -> None:
    suite = tmp_path / "tiny.toml"
    text = SUITE.replace("face.size = 64", "face.size = 8").replace('"lr_psnr_db"', '"ssim"')
    suite.write_text(text)
    write_pictures(tmp_path / "face", 3, size=8)
    why = "not applicable: pictures of 8x8 pixels; its window takes 11 a side or more"
    arguments = ("run", "--suite", suite, "--data", tmp_path, "--scale", 2, "--methods", "nearest")
    alone = bench_here(*arguments, "--out", tmp_path / "alone")
    assert alone.returncode == 0, alone.stderr
    assert alone.stdout.count(why) == 1
    assert f"not computed: ssim: {why}" in alone.stdout
    assert not any(row["notes"] for row in rows(tmp_path / "alone"))
    write_pictures(tmp_path / "cat", 3)
    beside = bench_here(*arguments, "--out", tmp_path / "beside")
    assert beside.returncode == 0, beside.stderr
    found = rows(tmp_path / "beside")
    assert [bool(row["ssim"]) for row in found] == [False] * 3 + [True] * 3
    assert [row["notes"] for row in found] == [f"ssim: {why}"] * 3 + [""] * 3
    summary = (tmp_path / "beside" / "summary.md").read_text()
    assert summary.count(why) == 1
    assert f"SSIM missing on 3 of 3 images: {why}" in summary


def test_psnr_is_that_of_scikit_image() -> None:
    truth, restored = truths(), noisy(truths(), 0.1).clamp(0, 1)
    expected = [
        peak_signal_noise_ratio(t.numpy(), r.numpy(), data_range=1)
        for t, r in zip(truth, restored, strict=True)
    ]
    assert psnr_db(restored, truth).tolist() == pytest.approx(expected, rel=1e-5)


def test_psnr_is_that_of_one_level_everywhere() -> None:
    truth = torch.full((1, 3, 8, 8), 100 / 255)
    assert psnr_db(truth + 1 / 255, truth).item() == pytest.approx(48.1308, abs=1e-3)


def test_ssim_follows_the_paper_and_not_the_default_of_the_library() -> None:
    truth, restored = truths()[:1], blurred(truths()[:1], 1.0)
    (ours,) = ssim(restored, truth)
    box = structural_similarity(restored[0].numpy(), truth[0].numpy(), channel_axis=0, data_range=1)
    assert abs(ours - box) > 1e-3
    assert ours == pytest.approx(ssim_of_the_paper(restored, truth), abs=1e-6)


def ssim_of_the_paper(a: Tensor, b: Tensor) -> float:
    """Equation 13 of Wang et al., over the pixels whose 11x11 window lies in the picture."""
    offsets = torch.arange(-5, 6, dtype=torch.float64)
    kernel = torch.exp(-(offsets**2) / (2 * 1.5**2))
    window = torch.outer(kernel, kernel) / kernel.sum() ** 2

    def mean(x: Tensor) -> Tensor:
        return torch.nn.functional.conv2d(x, window[None, None])

    a, b = (x.double().transpose(0, 1) for x in (a, b))
    mean_a, mean_b = mean(a), mean(b)
    variance_a, variance_b = mean(a * a) - mean_a**2, mean(b * b) - mean_b**2
    covariance = mean(a * b) - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    luminance = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    structure = (2 * covariance + c2) / (variance_a + variance_b + c2)
    return (luminance * structure).mean().item()


def test_lr_consistency_forgives_what_the_operator_removes() -> None:
    stripes = truths() + 0.02 * (-1) ** torch.arange(128)  # the finest there are
    score = LRConsistency().score(sample(stripes, truths()))
    assert min(score) > psnr_db(stripes, truths()).max().item() + 10
    degraded = Downsample(8).observe(blurred(truths(), 4.0))
    expected = psnr_db(degraded, Downsample(8).observe(truths())).tolist()
    measured = LRConsistency().score(sample(blurred(truths(), 4.0), truths()))
    assert measured == pytest.approx(expected, abs=1e-9)


def test_the_columns_and_their_order() -> None:
    assert [column for column in METRICS if not METRICS[column].needs_factors] == ORDER
    assert all(column == facts.column for column, facts in METRICS.items())
    assert all(issubclass(load(facts), Metric) for facts in METRICS.values())
    with pytest.raises(UnknownName, match="Did you mean 'lpips_alex'"):
        resolve("lpips_alexx")


def test_knowing_the_metrics_imports_no_torch() -> None:
    probe = (
        "import sys, bench.metrics.availability as a, bench.metrics.registry as r\n"
        "[a.missing(facts) for facts in r.METRICS.values()]\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", probe], cwd=ROOT, check=False).returncode == 0


def test_a_missing_package_is_told_with_the_command() -> None:
    facts = replace(resolve("st_lpips"), modules=("stlpips_pytorch", "no_such_package"))
    lacking = missing(facts)
    assert isinstance(lacking, Missing)
    assert "no_such_package" in lacking.reason
    assert "stlpips_pytorch" not in lacking.reason
    assert lacking.command == f"`{facts.install}`"


def test_missing_weights_are_told_and_found_ones_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = replace(resolve("arcface_cosine"), modules=())
    lacking = missing(facts)
    assert isinstance(lacking, Missing)
    assert "arcface" in lacking.reason
    assert files(facts) == {}
    write_embedder(tmp_path / "mine.onnx")
    card = 'title = "Mine"\nkind = "arcface"\nlicence = "my own"\n[settings]\ncolour = "bgr"\n'
    (tmp_path / "mine.toml").write_text(card)
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path))
    assert missing(facts) is None
    found = files(facts)
    assert found["arcface"].path == tmp_path / "mine.onnx"
    protocol = identified(facts, found).protocol
    assert protocol == f"{facts.protocol}/arcface:{found['arcface'].sha256[:8]}(colour=bgr)"
    assert identified(resolve("ssim"), {}) == resolve("ssim")
