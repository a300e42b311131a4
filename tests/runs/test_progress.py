"""What a run tells while it goes, on a terminal and elsewhere."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from tests.support.commands import BAD, ROOT, bench_here

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def test_plain_lines_tell_each_reason_once(data: Path, suite: Path, tmp_path: Path) -> None:
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face",
                 "--methods", f"nearest,{BAD}:RefusesToLoad", "--out", tmp_path / "out")  # fmt: skip
    assert done.stderr.splitlines() == [
        "[0/10] nearest on face at 16x: 5 images to go",
        "[5/10] nearest on face at 16x: finished",
        "[5/10] RefusesToLoad on face at 16x: 5 images to go",
        "[6/10, 1 failed] RefusesToLoad on face at 16x: 000: failed: the weights are for 8x",
        "[10/10, 5 failed] RefusesToLoad on face at 16x: 4 more like it: the weights are for 8x",
        "[10/10, 5 failed] RefusesToLoad on face at 16x: finished",
    ]


def test_a_terminal_has_a_bar_with_images_method_and_time_left(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "90", "OMP_NUM_THREADS": "1"}
    command = ["run", "--suite", suite, "--data", data, "--splits", "face", "--images", 4,
               "--methods", f"{BAD}:Sleeps,{BAD}:RefusesToLoad", "--set", "Sleeps.seconds=0.4",
               "--out", tmp_path / "out"]  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "bench", *map(str, command)], cwd=ROOT,
                               env=environment, stdout=subprocess.DEVNULL, stderr=theirs)  # fmt: skip
    os.close(theirs)
    told = b""
    try:
        while piece := os.read(ours, 65536):
            told += piece
    except OSError:  # how Linux says that the other side has closed
        pass
    finally:
        os.close(ours)
    assert process.wait() == 1
    text = ESCAPES.sub("", told.decode())
    assert re.search(r"Sleeps on face at 16x .* [1-3]/8 +\d\d:\d\d left", text)
    assert re.search(r"drawing tables, plots and the page .* 8/8 4 failed", text)
    assert text.count("RefusesToLoad on face at 16x: 000: failed: the weights are for 8x") == 1
    assert "RefusesToLoad on face at 16x: 3 more like it" in text
    assert all(len(line) <= 90 for line in re.split(r"[\r\n]+", text))
