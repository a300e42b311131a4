"""`run --compile`, through the command line."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import SUITE, write_pictures
from tests.support.commands import bench, rows

# One convolution: a compiler takes minutes over a whole network on a busy machine.
METHOD = """
import torch
from torch import nn
from bench.operators import resize
from methods.base import Method, Restoration

class OneLayer(Method):
    title = "One layer"
    paper = "none"
    family = "test"

    def setup(self, files):
        self.network = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.LeakyReLU(0.9))
        nn.init.dirac_(self.network[0].weight)
        nn.init.zeros_(self.network[0].bias)

    @torch.no_grad()
    def restore(self, y, seeds):
        return Restoration(self.network(resize(y, self.task.size, "matlab-bicubic")))
"""


def run(folder: Path, out: str, *more: object, **environment: str) -> tuple[int, str]:
    """The exit status of a run of it on one picture, and what it told."""
    (folder / "tiny.toml").write_text(SUITE)
    (folder / "one_layer.py").write_text(METHOD)
    write_pictures(folder / "data" / "face", 1)
    done = bench("run", "--suite", folder / "tiny.toml", "--data", folder / "data", "--splits",
                 "face", "--scale", "4", "--images", 1, "--methods",
                 f"{folder / 'one_layer.py'}:OneLayer", *more, "--out", folder / out,
                 BENCH_CACHE=str(folder / "cache"),
                 TORCHINDUCTOR_CACHE_DIR=str(folder / "inductor"), **environment)  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def summary(out: Path) -> dict[str, str]:
    """The one line of it."""
    with (out / "summary.csv").open(newline="") as file:
        (line,) = csv.DictReader(file)
    return line


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler")
@pytest.mark.slow
def test_compiled_networks_give_the_same_pictures_under_keys_of_their_own(tmp_path: Path) -> None:
    for out, more in (("plain", ()), ("compiled", ("--compile",))):
        status, told = run(tmp_path, out, *more)
        assert status == 0, told
    (plain,), (compiled,) = rows(tmp_path / "plain"), rows(tmp_path / "compiled")
    assert plain["state"] == compiled["state"] == "ok"
    assert plain["cell_key"] != compiled["cell_key"]
    assert "compiled" in compiled["timed_under"].split(", ")
    assert "compiled" not in plain["timed_under"]
    one, other = (
        np.asarray(Image.open(next((tmp_path / out / "images").rglob("OneLayer.png"))), dtype=int)
        for out in ("plain", "compiled")
    )
    assert abs(one - other).max() <= 1
    before, line = summary(tmp_path / "plain"), summary(tmp_path / "compiled")
    assert float(line["compile_s"]) > max(1, float(line["latency_median_s"]))
    assert "compile_s" not in before
    assert line["macs"] == before["macs"]
    assert "--compile" in (tmp_path / "compiled" / "run.json").read_text()


def test_without_a_compiler_the_row_says_what_is_missing(tmp_path: Path) -> None:
    status, told = run(tmp_path, "out", "--compile", CXX="no-such-compiler")
    assert status == 0 or "no-such-compiler" in told
    (row,) = rows(tmp_path / "out")
    assert row["state"] == "failed"
    assert "--compile: " in row["reason"]
    assert "C++ compiler" in row["reason"]
