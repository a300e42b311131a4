"""The degradation is a choice: `run --kernel`, `list kernels`."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.datasets.kernels import KERNEL_FACTS
from bench.operators import KERNELS, Downsample
from tests.support.commands import bench_here, rows


def test_every_kernel_is_described() -> None:
    assert list(KERNEL_FACTS) == list(KERNELS)
    listed = bench_here("list", "kernels").stdout
    assert all(f"\n{name} " in listed and what in listed for name, what in KERNEL_FACTS.items())


def test_rows_of_several_kernels_stand_side_by_side(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    common = ("run", "--suite", suite, "--data", data, "--images", 2, "--out", out)
    planned = bench_here(*common, "--kernel", "area,pulse-bicubic", "--dry-run").stdout
    assert "face 16x area" in planned
    done = bench_here(*common, "--kernel", "area,pulse-bicubic")
    assert done.returncode == 0, done.stderr
    wanted = {Downsample(16, kernel).column for kernel in ("area", "pulse-bicubic")}
    assert {row["operator"] for row in rows(out)} == wanted
    scores = {row["operator"]: row["lr_psnr_db"] for row in rows(out) if row["image"] == "000"}
    assert len(set(scores.values())) == 2
    assert "16x through downsample16-area-u8" in (out / "summary.md").read_text()
    assert 'kernel = ["area", "pulse-bicubic"]' in (out / "run.toml").read_text()


@pytest.mark.parametrize(
    ("kernel", "told"),
    [("aera", "Did you mean 'area'"), ("area,area", "names 'area' 2 times"), (",", "names none")],
)
def test_a_kernel_that_is_none_is_told(
    kernel: str, told: str, data: Path, suite: Path, tmp_path: Path
) -> None:
    done = bench_here("run", "--suite", suite, "--data", data, "--kernel", kernel,
                      "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 2
    assert told in done.stderr
