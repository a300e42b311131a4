"""The entrance from Python: the same numbers and pixels as the command line, and errors in words."""

from __future__ import annotations

import doctest
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import bench
from bench import Results, api, report
from bench.core.csv_cells import Reader
from bench.core.errors import BenchError
from bench.pictures.files import read_rgb
from bench.pictures.tensors import to_tensor
from bench.results.results import FactorLine
from tests.support.commands import ROOT
from tests.support.commands import bench as command
from tests.support.synthetic import results, with_budgets


def test_the_examples_of_the_docstrings_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = doctest.testmod(api)
    assert (found.failed, found.attempted > 12) == (0, True)


def test_importing_the_package_imports_neither_torch_nor_pandas() -> None:
    code = (
        "import sys, bench; assert not {'torch', 'pandas', 'bench.api'} & set(sys.modules); "
        "assert bench.load and 'torch' in sys.modules and 'run' in dir(bench)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=100)
    with pytest.raises(AttributeError, match="no attribute 'restore'"):
        bench.restore  # noqa: B018


def test_the_frames_have_what_the_files_have(tmp_path: Path) -> None:
    made = with_budgets(results(["glean", "bicubic"], ["face"], images=3), ["glean"])
    names = {"000": "NA", "001": "=1+1", "002": "007"}
    rows = (replace(row, image=names[row.image], metric_s=None) for row in made.rows)
    line = FactorLine("face", 16, "o#1", "0010", 0.5, 1.0, "glean", 3, 1 / 3, p_holm=0.25)
    found = Results(tmp_path, replace(made, rows=tuple(rows), factors=(line,)))
    report.write(found.found, tmp_path, None)
    for name in ("rows", "summary", "pairs", "factors", "budgets"):
        with (tmp_path / f"{name}.csv").open(newline="") as file:
            lines = list(Reader(file))
        frame = getattr(found, name)
        assert list(frame) == list(lines[0])
        assert len(frame) == len(lines)
        for column in frame:
            written, kept = [line[column] for line in lines], frame[column]
            if kept.dtype == float:  # the file has eight digits of what was computed
                numbers = [float(text) if text else math.nan for text in written]
                assert np.allclose(numbers, kept, rtol=1e-7, atol=0, equal_nan=True)
            else:
                assert [str(value) for value in kept] == written
    assert found.rows.image.tolist() == list(names.values()) * 2
    assert found.rows.metric_s.isna().all()
    assert found.rows.metric_s.dtype == float


def test_a_loaded_method_gives_the_pixels_of_a_run(tmp_path: Path) -> None:
    done = command("run", "--methods", "glean,pulse", "--splits", "face", "--images", 2, "--set",
                   "pulse.steps=3", "--metrics", "psnr_rgb_db", "--out", tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    for name, settings in (("glean", {}), ("pulse", {"steps": 3})):
        restorer = bench.load(name, split="face", scale=16, settings=settings)
        for folder in sorted((tmp_path / "images" / "face").iterdir()):
            y, wanted = read_rgb(folder / "input.png"), read_rgb(folder / f"{name}.png")
            restored = restorer(y)
            assert restored.dtype == np.uint8
            # A thread more or less rounds a search otherwise; a restorer not by a grey level.
            assert np.abs(restored.astype(int) - wanted).max() <= (1 if name == "glean" else 8)
    found = bench.load_results(tmp_path)
    assert found.rows.shape[0] == 4
    psnr = bench.metric("psnr_rgb_db")
    row = found.rows.query("method == 'glean'").iloc[0]
    kept = tmp_path / "images" / "face" / row.image
    score = psnr(read_rgb(kept / "glean.png"), read_rgb(kept / "truth.png"))
    assert score == pytest.approx(row.psnr_rgb_db)


def test_a_restoration_is_of_the_kind_of_its_input() -> None:
    nearest = bench.load("nearest", split="face", scale=16)
    y = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
    wanted = y.repeat(16, 0).repeat(16, 1)
    assert np.array_equal(nearest(y), wanted)
    assert np.array_equal(nearest(np.stack([y, y]))[1], wanted)
    assert np.array_equal(np.asarray(nearest(Image.fromarray(y))), wanted)
    assert torch.equal(nearest(to_tensor(y)), to_tensor(wanted))
    assert torch.equal(nearest(to_tensor(y)[0]), to_tensor(wanted)[0])


def test_what_cannot_be_done_is_told_in_words() -> None:
    with pytest.raises(BenchError, match=r"unknown method 'glaen'\. Did you mean 'glean'"):
        bench.load("glaen")
    with pytest.raises(BenchError, match="glean weights"):
        bench.load("glean", split="face", scale=4)
    with pytest.raises(BenchError, match="does not say how large pictures of dog are"):
        bench.load("bicubic", split="dog", suite="paper")
    assert bench.load("bicubic", split="dog", size=64)(torch.rand(3, 4, 4)).shape == (3, 64, 64)
    bicubic = bench.load("bicubic")
    with pytest.raises(BenchError, match="takes pictures of 8x8 pixels, not 9x8"):
        bicubic(torch.rand(3, 8, 9))
    with pytest.raises(BenchError, match=r"values from 0 to 255, expected those of \[0, 1\]"):
        bicubic(torch.tensor([0.0, 255.0]).repeat(3, 8, 4))
    with pytest.raises(BenchError, match="expected uint8"):
        bicubic(np.zeros((8, 8, 3)))
    with pytest.raises(BenchError, match=r"not 'y\.png'"):
        bicubic("y.png")  # type: ignore[type-var]
    with pytest.raises(BenchError, match="of one size"):
        bench.metric("ssim")(torch.rand(3, 32, 32), torch.rand(3, 16, 16))
    with pytest.raises(BenchError, match="unknown metric 'psnr'"):
        bench.metric("psnr")
    with pytest.raises(BenchError, match="holds no results"):
        bench.load_results("reports/published")
