"""The pictures that come with suite mini: whole, different from each other, and few bytes."""

from __future__ import annotations

import hashlib
import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from bench.core.paths import data_dir
from bench.datasets.rendered import is_rendered
from bench.datasets.suites import load_suite
from bench.pictures.files import read_rgb
from bench.rendering.category import factors_of, load
from bench.rendering.folder import code_of
from bench.rendering.production import noise_seed
from tests.repo.test_wheel import installed, site, wheel
from tests.support.commands import bench_here, rows

__all__ = ["site", "wheel"]  # fixtures
SPLITS = tuple(load_suite("mini").splits)
FOLDER = data_dir("datasets") / "mini"


def test_they_are_at_most_ten_megabytes() -> None:
    assert sum(p.stat().st_size for p in FOLDER.rglob("*") if p.is_file()) <= 10_000_000


@pytest.mark.parametrize("split", SPLITS)
def test_a_split_has_64_pictures_of_as_many_identities(split: str) -> None:
    assert is_rendered(FOLDER / split)
    settings = json.loads((FOLDER / split / "render.json").read_text())
    assert (settings["split"], settings["views"], settings["format"]) == (split, 1, "webp")
    paths = sorted((FOLDER / split).glob("*.webp"))
    assert [p.stem for p in paths] == [f"{split}-0-{i:05}" for i in range(64)]
    factors = [json.loads(p.with_suffix(".json").read_text()) for p in paths]
    assert [f["identity"] for f in factors] == [f"0-{i}" for i in range(64)]


@pytest.mark.parametrize("split", SPLITS)
def test_the_code_that_is_here_makes_them(split: str) -> None:
    """Their mark names it; who changes a scene renders them again, or shows that they stay."""
    pytest.importorskip("mitsuba")
    settings = json.loads((FOLDER / split / "render.json").read_text())
    assert settings["code"] == code_of(split)
    scene = load(split).build(factors_of(split, 0, 1, settings["views"]))
    rendered = scene.render(noise_seed(split, 0, 1), settings["samples"]).astype(int)
    differing = rendered != read_rgb(FOLDER / split / f"{split}-0-00001.webp")
    assert differing.mean() < 0.01  # by another kind of CPU


@pytest.mark.parametrize("split", SPLITS)
def test_no_picture_is_black_flat_or_there_twice(split: str) -> None:
    paths = sorted((FOLDER / split).glob("*.webp"))
    pictures = np.stack([read_rgb(p) for p in paths]).astype(np.float32)
    assert pictures.shape == (64, 128, 128, 3)
    assert pictures.mean((1, 2, 3)).min() > 20
    assert pictures.std((1, 2, 3)).min() > 10
    assert len({hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}) == 64
    nearest = min(np.abs(a - b).mean() for a, b in combinations(pictures, 2))
    assert nearest > 3  # grey levels: the same picture under other grain is nearer


def test_the_wheel_has_them(site: Path, tmp_path: Path) -> None:
    shown = installed(site, tmp_path, ["-m", "bench"], "run", "--methods", "bicubic", "--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count("64 to do") == len(SPLITS)
    assert list(tmp_path.iterdir()) == []


def test_the_default_metrics_have_lpips_without_a_network_in_an_empty_home(tmp_path: Path) -> None:
    empty = {"HOME": str(tmp_path / "home"), "XDG_CACHE_HOME": "", "BENCH_CACHE": "",
             "https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}  # fmt: skip
    done = bench_here(
        "run", "--methods", "nearest,bicubic", "--splits", "face,cat", "--images", 1,
        "--out", tmp_path / "out", **empty,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    scores: dict[str, list[float]] = {"nearest": [], "bicubic": []}
    for row in rows(tmp_path / "out"):
        assert row["state"] == "ok"
        scores[row["method"]].append(float(row["lpips_alex"]))
    assert all(len(found) == 2 for found in scores.values())
    assert all(0.2 < score < 0.9 for found in scores.values() for score in found)
    protocol = json.loads((tmp_path / "out" / "run.json").read_text())["metrics"]["lpips_alex"]
    assert "lpips/alex/v0.1/rgb/[-1,1]/lpips-alex:7be5be79" in json.dumps(protocol)
