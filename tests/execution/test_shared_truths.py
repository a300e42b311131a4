"""The folder in which the workers of a run share what is of truths, from its making to its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.support.commands import BAD, ROOT


def shared() -> list[Path]:
    """What lies in the place of such folders."""
    return list((Path(os.environ["BENCH_CACHE"]) / "of-truth").glob("*"))


def test_a_run_that_is_told_to_end_leaves_nothing(data: Path, suite: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "run", "--suite", suite, "--data", data, "--splits",
               "face", "--methods", f"bicubic,{BAD}:Sleeps", "--set", "Sleeps.seconds=60",
               "--metrics", "st_lpips", "--out", tmp_path / "out"]  # fmt: skip
    run = subprocess.Popen([*map(str, command)], cwd=ROOT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 200
    folder = Path(os.environ["BENCH_CACHE"]) / "of-truth"
    while not list(folder.glob("*/*/*.safetensors")) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert list(folder.glob("*/*/*.safetensors")), "nothing was shared"
    run.send_signal(signal.SIGTERM)
    run.wait()
    assert not shared()
