"""rescore through the entry point, on runs as `run` leaves them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import SUITE, picture
from tests.support.commands import bench_here, edited, rows


def test_rescore_gives_the_scores_that_a_run_gives(held: Path, runs: tuple[Path, Path]) -> None:
    first, _ = runs
    before = rows(first)
    whole = held / "with-ssim"
    if not whole.exists():
        suite = held / "ssim.toml"
        suite.write_text(SUITE.replace('"lr_psnr_db"]', '"lr_psnr_db", "ssim"]'))
        done = bench_here("run", "--suite", suite, "--data", held / "data", "--methods",
                     "nearest,bicubic", "--out", whole)  # fmt: skip
        assert done.returncode == 0, done.stderr
    shutil.rmtree(first / "plots")
    done = bench_here("rescore", first, "--metrics", "ssim,psnr_rgb_db")
    assert done.returncode == 0, done.stderr
    assert "ssim: 28 rows scored" in done.stdout
    after = rows(first)
    wanted = {(r["method"], r["split"], r["image"]): r["ssim"] for r in rows(whole)}
    assert {(r["method"], r["split"], r["image"]): r["ssim"] for r in after} == wanted
    # What was there before is as it was, to the last digit, the same metric scored again included.
    assert [{k: r[k] for k in before[0]} for r in after] == before
    assert "ssim_mean" in (first / "summary.csv").read_text()
    assert (first / "plots" / "quality-by-split.png").exists()
    assert "ssim" in json.loads((first / "run.json").read_text())["metrics"]
    # A run that resumes finds nothing to do: the scores are on record as its own would be.
    done = bench_here("run", "--suite", held / "ssim.toml", "--data", held / "data", "--methods",
                 "nearest,bicubic", "--out", first)  # fmt: skip
    assert done.returncode == 0
    assert "to go" not in done.stderr
    # Without its store the folder is rescored from its rows, to the same numbers.
    shutil.rmtree(first / "store")
    assert bench_here("rescore", first, "--metrics", "ssim").returncode == 0
    assert rows(first) == after


def test_a_run_with_other_metrics_leaves_what_rescore_added(held: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    few = held / "few.toml"
    few.write_text(SUITE.replace(', "lr_psnr_db"]', "]"))
    run = ("--data", held / "data", "--splits", "face", "--images", 2, "--methods", "nearest",
           "--out", out)  # fmt: skip
    assert bench_here("run", "--suite", few, *run).returncode == 0
    assert bench_here("rescore", out, "--metrics", "ssim").returncode == 0
    before = rows(out)
    more = bench_here("run", "--suite", held / "tiny.toml", *run)  # scores LR PSNR too
    assert more.returncode == 0, more.stderr
    after = rows(out)
    assert [row["ssim"] for row in after] == [row["ssim"] for row in before]
    assert all(row["ssim"] and row["lr_psnr_db"] for row in after)


def test_rescore_tells_why_a_row_has_no_score(runs: tuple[Path, Path]) -> None:
    first, _ = runs
    images = first / "images" / "face"
    (images / "001" / "nearest.png").unlink()
    shutil.rmtree(images / "002")
    wrong = Image.fromarray(picture(99, 4))
    (images / "003" / "input.png").unlink()
    wrong.save(images / "003" / "input.png")
    (images / "004" / "nearest.png").unlink()
    shutil.copy(images / "004" / "bicubic.png", images / "004" / "nearest.png")
    done = bench_here("rescore", first, "--metrics", "ssim,psnr_rgb_db")
    assert done.returncode == 1, done.stderr
    assert "images/face/001/nearest.png is missing" in done.stderr
    notes = {(r["method"], r["image"]): r["notes"] for r in rows(first) if r["split"] == "face"}
    assert "images/face/001/nearest.png is missing" in notes["nearest", "001"]
    assert "images/face/002 holds no truth" in notes["bicubic", "002"]
    assert "input.png was not made by downsample16" in notes["nearest", "003"]
    assert "is not the picture that the row was scored on" in notes["nearest", "004"]
    assert notes["bicubic", "001"] == ""
    # A score under the same protocol stays; there is no new one to put in its place.
    assert all(row["psnr_rgb_db"] for row in rows(first))
    assert [r["ssim"] == "" for r in rows(first)].count(True) == 1 + 2 + 2 + 1
    shutil.rmtree(first / "images")
    assert bench_here("rescore", first, "--metrics", "ssim").returncode == 1


def test_rescore_takes_metrics_of_third_parties(runs: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text(
        "from bench.metrics.base import Metric\n"
        "from bench.metrics.facts import Direction, MetricFacts, Role\n"
        "class Error(Metric):\n"
        "    facts = MetricFacts('l1', 'L1', Direction.LOWER, '', 'rgb/L1',\n"
        "                        role=Role.PERCEPTION, perfect=0.0, margin=0.01, short='L1')\n"
        "    def score(self, sample):\n"
        "        return (sample.restored - sample.truth).abs().mean((1, 2, 3)).tolist()\n"
    )
    done = bench_here("rescore", runs[0], "--metrics", f"{path}:Error")
    assert done.returncode == 0, done.stderr
    first, *_ = rows(runs[0])
    images = runs[0] / "images" / first["split"] / first["image"]
    truth, restored = (
        np.asarray(Image.open(images / name), dtype=np.float64)
        for name in ("truth.png", f"{first['method']}.png")
    )
    assert float(first["l1"]) == pytest.approx(np.abs(truth - restored).mean() / 255, rel=1e-5)
    assert "L1 ↓" in (runs[0] / "summary.md").read_text()
    # What it states of itself leads the table, with the store and, passed on, without.
    recorded = json.loads((runs[0] / "run.json").read_text())["metrics"]["l1"]
    assert recorded.items() >= {"role": "perception", "perfect": 0.0, "margin": 0.01}.items()
    shutil.rmtree(runs[0] / "store")
    assert bench_here("report", runs[0]).returncode == 0
    assert "Best first by L1;" in (runs[0] / "summary.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--metrics", "sim"), "Did you mean 'ssim'"),
        (("--metrics", "lpips_vgg"), "lpips_vgg cannot be computed here"),
        (("--metrics", ","), "names none"),
        (("--metrics", "ssim", "--metric"), "No such option"),
    ],
)
def test_rescore_tells_mistakes(
    arguments: tuple[str, ...], message: str, runs: tuple[Path, Path]
) -> None:
    done = bench_here("rescore", runs[0], *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_no_row_of_a_stranger_leads_out_of_the_folder(runs: tuple[Path, Path]) -> None:
    first, _ = runs
    secret = first.parent / "nearest.png"
    shutil.copy(first / "images" / "face" / "000" / "nearest.png", secret)
    edited(first, ("nearest,face,000,", "../../../../nearest,face,000,"))
    done = bench_here("rescore", first, "--metrics", "ssim")
    assert done.returncode == 1
    assert "cannot be names of files" in done.stderr
    out = first.parent / "merged"
    assert bench_here("report", first, runs[1], "--keep-apart", "--out", out).returncode == 0
    assert not (first.parent / "nearest@first.png").exists()
