"""SRNTT as it ships: on suite mini, offline, between its bounds."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from PIL import Image

import bench
from bench.core.errors import BenchError
from bench.core.paths import data_dir
from bench.pictures.files import read_rgb
from bench.report.pictures.canvas import GAP, SIDE
from bench.stats import paired_difference
from tests.support.commands import bench_here, rows

BOUNDS = ("srntt-random", "srntt", "srntt-oracle")
OFFLINE = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}


def test_every_row_of_suite_mini_is_ok_or_says_why_not(tmp_path: Path) -> None:
    done = bench_here("run", "--methods", "srntt", "--scale", 16, "--images", 1, "--metrics",
                      "psnr_rgb_db", "--out", tmp_path, **OFFLINE)  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = {row["split"]: row for row in rows(tmp_path)}
    assert len(found) == 5
    assert found["face"]["state"] == "ok"
    assert all(row["state"] in ("ok", "not-applicable") for row in found.values())
    assert all(row["reason"] for row in found.values() if row["state"] != "ok")
    assert float(found["face"]["cpu_s"]) < 1
    dry = bench_here("run", "--methods", "srntt-oracle", "--splits", "face,car", "--dry-run")
    assert "srntt weights of suite mini serve face at 16x, not car at 16x" in dry.stdout


def test_what_detail_was_taken_from_stands_in_the_row_and_first_in_a_grid(tmp_path: Path) -> None:
    done = bench_here("run", "--methods", "srntt,dfdnet,glean", "--splits", "face", "--images", 2,
                      "--metrics", "psnr_rgb_db", "--out", tmp_path / "run")  # fmt: skip
    assert done.returncode == 0, done.stderr
    pool = data_dir("datasets") / "references" / "face" / "train"
    for row in (row for row in rows(tmp_path / "run") if row["method"] == "srntt"):
        named = row["reason"].removeprefix("detail from ")
        shown = tmp_path / "run" / "images" / "face" / row["image"] / "srntt.reference.png"
        assert (read_rgb(shown) == read_rgb(pool / f"{named}.webp")).all()
    plots = tmp_path / "run" / "plots"
    for name, columns in (("grid-face-srntt", 5), ("grid-face-dfdnet", 4)):
        with Image.open(plots / f"{name}.png") as grid:
            assert grid.width == columns * (SIDE + GAP) - GAP
    # The pictures alone, in another place, are drawn alike.
    again = bench_here("report", tmp_path / "run", "--out", tmp_path / "again")
    assert again.returncode == 0, again.stderr
    same = (tmp_path / "again" / "plots" / "grid-face-srntt.png").read_bytes()
    assert same == (plots / "grid-face-srntt.png").read_bytes()


@pytest.mark.slow
def test_the_same_person_serves_best_and_a_drawn_one_worst(tmp_path: Path) -> None:
    done = bench_here("run", "--methods", ",".join(BOUNDS), "--splits", "face", "--scale", 16,
                      "--metrics", "psnr_rgb_db,lpips_alex", "--out", tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    for column, higher_is_better in (("psnr_rgb_db", True), ("lpips_alex", False)):
        scores = [
            [float(row[column]) for row in rows(tmp_path) if row["method"] == method]
            for method in BOUNDS
        ]
        for worse, better in pairwise(scores):
            pairs = paired_difference(better, worse, higher_is_better=higher_is_better)
            assert pairs is not None
            assert pairs.n == 64
            assert pairs.wins > pairs.losses
            assert (pairs.mean > 0) is higher_is_better


def test_from_python_it_takes_the_pool_of_the_suite() -> None:
    srntt = bench.load("srntt", split="face", scale=16)
    y = torch.rand(3, 8, 8, generator=torch.Generator().manual_seed(0))
    assert srntt(y).shape == (3, 128, 128)
    with pytest.raises(BenchError, match="no srntt weights for face 16x 128 px"):
        bench.load("srntt", split="face", suite="photo")
