"""The process in which stand-ins are scored: its failures are words, and it never outlives its run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bench.checks.sanity.measure import measure_apart
from bench.core.errors import BenchError
from bench.planning.plan import make_plan
from bench.planning.request import Request
from tests.conftest import write_pictures

METRIC = """
import os, pathlib, time
from bench.metrics.base import Metric
from bench.metrics.registry import Direction, MetricFacts
class Own(Metric):
    facts = MetricFacts("own", "Own", Direction.LOWER, "", "rgb/own")
    def score(self, sample):
        {body}
"""
SCRIPT = """
import sys
from pathlib import Path
from tests.checks.test_sanity_process import measured
if __name__ == "__main__":
    measured(*map(Path, sys.argv[1:]))
"""


def measured(suite: Path, folder: Path) -> None:
    """Score the stand-ins of the pictures in `folder` by its metric."""
    request = Request(
        str(suite), methods=("nearest",), metrics=(f"{folder / 'own.py'}:Own",),
        splits=("face",), scales=(8,), data=folder,
    )  # fmt: skip
    plan = make_plan(request, folder)
    measure_apart(plan.cells[0].cell, plan.metrics)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_pictures(tmp_path / "face", 2)
    return tmp_path


def write_metric(folder: Path, body: str) -> None:
    (folder / "own.py").write_text(METRIC.format(body=body))


def test_a_crash_is_told_in_words(suite: Path, folder: Path) -> None:
    write_metric(folder, "os._exit(7)")
    with pytest.raises(BenchError, match="ended by itself with status 7"):
        measured(suite, folder)


def test_it_ends_with_a_run_that_is_killed(suite: Path, folder: Path) -> None:
    marker = folder / "pid"
    write_metric(
        folder, f"pathlib.Path({str(marker)!r}).write_text(str(os.getpid())); time.sleep(120)"
    )
    (folder / "script.py").write_text(SCRIPT)
    root = Path(__file__).resolve().parents[2]
    run = subprocess.Popen(
        [sys.executable, folder / "script.py", suite, folder],
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    try:
        while not (marker.exists() and marker.read_text()):
            assert run.poll() is None
            time.sleep(0.05)
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()
    scorer = int(marker.read_text())
    began = time.monotonic()
    while psutil.pid_exists(scorer):
        assert time.monotonic() - began < 20
        time.sleep(0.05)
