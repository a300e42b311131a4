"""What else kills a worker, the system or a lost machine, costs a further try and no row."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.conftest import write_pictures
from tests.execution.test_ray import needs_ray
from tests.runs.test_robustness import begin
from tests.support.commands import BAD, bench_here, rows, states

NO_SIGKILL = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
KILLS = 10


@NO_SIGKILL
@pytest.mark.parametrize(("times", "state"), [(1, "ok"), (4, "ok"), (5, "out-of-memory")])
def test_a_picture_is_tried_again_four_times(
    times: int, state: str, data: Path, suite: Path, tmp_path: Path
) -> None:
    marks, out = tmp_path / "marks", tmp_path / "out"
    marks.mkdir()
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 1,
                      "--methods", f"{BAD}:Killed", "--set", f"Killed.marks={marks}",
                      "--set", f"Killed.times={times}", "--out", out)  # fmt: skip
    assert done.returncode == (state != "ok")
    assert states(out) == {state: 1}
    assert len(list(marks.iterdir())) == times
    if state != "ok":
        assert "SIGKILL" in rows(out)[0]["reason"]


def workers_of(run: subprocess.Popen[str]) -> Iterator[psutil.Process]:
    """The processes that restore for it: forks of the server of processes, or tasks of ray."""
    for process in psutil.Process(run.pid).children(recursive=True):
        with suppress(psutil.Error):
            words, parent = " ".join(process.cmdline()), process.parent()
            is_fork = parent is not None and "forkserver" in " ".join(parent.cmdline())
            if "ray::run_task" in words or (is_fork and "forkserver" in words):
                yield process


@NO_SIGKILL
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("executor", ["local", pytest.param("ray", marks=needs_ray)])
def test_ten_workers_killed_lose_nothing_and_double_nothing(
    executor: str, data: Path, suite: Path, tmp_path: Path
) -> None:
    write_pictures(data / "face", 40)
    out = tmp_path / "out"
    run = begin("run", "--suite", suite, "--data", data, "--splits", "face", "--methods",
                f"{BAD}:Sleeps", "--set", "Sleeps.seconds=0.6", "--executor", executor,
                "--workers", 2, "--out", out)  # fmt: skip
    moments, killed = random.Random(0), 0
    while run.poll() is None and killed < KILLS:
        time.sleep(moments.uniform(1.0, 2.5))
        for process in workers_of(run):
            with suppress(psutil.Error):
                process.kill()
                killed += 1
                break
    _, told = run.communicate(timeout=400)
    assert killed == KILLS
    assert run.returncode == 0, told
    found = rows(out)
    assert Counter(row["image"] for row in found) == Counter(f"{i:03d}" for i in range(40))
    assert states(out) == {"ok": 40}
