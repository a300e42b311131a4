"""`--executor ray`: the rows of `--executor local`, and what a lost worker costs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import write_pictures
from tests.support.commands import BAD, ROOT, bench, rows, states

needs_ray = pytest.mark.skipif(
    subprocess.run(
        [sys.executable, "-c", "import ray"], capture_output=True, check=False
    ).returncode
    != 0,
    reason="the extra `ray` is not installed",
)
SAME = ("method", "split", "image", "scale", "operator", "seed", "state", "psnr_rgb_db",
        "lr_psnr_db", "trace_length")  # fmt: skip


@needs_ray
def test_ray_gives_the_rows_of_local_and_a_lost_worker_costs_one_picture(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    write_pictures(data / "face", 8)
    found = {}
    for executor in ("local", "ray"):
        out = tmp_path / executor
        # Relative paths mean the same to a task as to the run.
        done = bench("run", "--suite", suite, "--data", os.path.relpath(data, ROOT),
                     "--splits", "face", "--methods", f"nearest,{BAD.relative_to(ROOT)}:CrashesOnce",
                     "--executor", executor, "--workers", 2, "--out", out)  # fmt: skip
        assert done.returncode == 1, done.stderr
        found[executor] = [{name: row[name] for name in SAME} for row in rows(out)]
        crashed = [row for row in rows(out) if row["state"] == "failed"]
        assert 0 < len(crashed) < 8
        assert all(("ray task died" in row["reason"]) == (executor == "ray") for row in crashed)
        pictures = (out / "images" / "face").glob("*/CrashesOnce.png")
        assert len(list(pictures)) == 8 - len(crashed)
    assert found["ray"] == found["local"]


@needs_ray
def test_ray_keeps_the_time_limit(data: Path, suite: Path, tmp_path: Path) -> None:
    done = bench("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 1,
                 "--methods", f"{BAD}:Sleeps", "--executor", "ray", "--timeout", 0.5,
                 "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert states(tmp_path / "out") == {"timeout": 1}
    assert "took longer than 0.5 s" in rows(tmp_path / "out")[0]["reason"]


def test_without_ray_the_command_that_installs_it_is_told(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    hidden = "import sys; sys.modules['ray'] = None; from bench.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", hidden, "run", "--suite", suite, "--data", data,
         "--executor", "ray", "--out", tmp_path / "out"],
        capture_output=True, text=True, timeout=100, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "pip install 'sr-prior-bench[ray]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
