"""Ten thousand pictures: what a run takes does not grow with them, and its results still open."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
import pytest
from PIL import Image

from bench.report.page.pictures import MOST_BYTES
from tests.conftest import SUITE
from tests.support.commands import ROOT

COUNT = int(os.environ.get("BENCH_MANY", "10000"))
TENTH = COUNT // 10
MOST_MB = 100
MOST_S = 3.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


def write_many(folder: Path) -> None:
    """Pictures of blocks in random colours, no two alike."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for i in range(COUNT):
        blocks = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(blocks.repeat(8, 0).repeat(8, 1)).save(folder / f"{i:05d}.png")


class Seen(NamedTuple):
    """What a run and all that it began had taken at one moment."""

    at: float
    held_bytes: int  # of its own
    cpu_s: float  # of those that are there


class Watch(threading.Thread):
    """Looks at a process and those that it began, five times a second."""

    def __init__(self, number: int) -> None:
        super().__init__(daemon=True)
        self.root = psutil.Process(number)
        self.seen: list[Seen] = []

    def run(self) -> None:
        while self.root.is_running():
            with suppress(psutil.Error):  # one of them has just ended
                every = [self.root, *self.root.children(recursive=True)]
                memory = [process.memory_info() for process in every]
                cpu = [process.cpu_times() for process in every]
                held = sum(one.rss - one.shared for one in memory)
                self.seen.append(Seen(time.time(), held, sum(one.user + one.system for one in cpu)))
            time.sleep(0.2)


def cpu_s(*arguments: object) -> float:
    """CPU time of a command that ends well."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "bench", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_ten_thousand_pictures(tmp_path: Path) -> None:
    """At most 100 MB more at the last row than at the hundredth, the last tenth of the rows as
    quick as the first within a tenth, the table in three seconds, a page that links its pictures.

    Quick in CPU time, of the run and its worker: other work on the machine decides the wall clock.
    """
    write_many(tmp_path / "data" / "face")
    suite = tmp_path / "tiny.toml"
    suite.write_text(SUITE.replace("64", "128"))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "bench", "run", "--suite", suite, "--data", tmp_path / "data",
               "--splits", "face", "--methods", "bicubic", "--out", out]  # fmt: skip
    run = subprocess.Popen([*map(str, command)], cwd=ROOT, stderr=subprocess.DEVNULL)
    watch = Watch(run.pid)
    watch.start()
    assert run.wait() == 0
    ended = time.time()
    (path,) = (out / "store").glob("*/rows-*.json")
    records = json.loads(path.read_text())
    moments = sorted(record["finished_ns"] / 1e9 for record in records)
    assert len(moments) == COUNT
    begun = moments[min(100, TENTH)]
    during = [seen.held_bytes for seen in watch.seen if begun <= seen.at <= moments[-1]]
    after = [seen.held_bytes for seen in watch.seen if seen.at > moments[-1]]

    def spent(first: int, last: int) -> float:
        """CPU time between two rows."""
        times = np.array([(seen.at, seen.cpu_s) for seen in watch.seen if seen.at <= moments[-1]])
        there = np.interp([moments[first], moments[last]], times[:, 0], times[:, 1])
        return float(there[1] - there[0])

    page = out / "report.html"
    told = {
        "grown_mb": (max(during) - during[0]) / 1e6,
        "grown_in_report_mb": (max(after) - during[0]) / 1e6,
        "last_to_first": spent(-TENTH - 1, -1) / spent(0, TENTH),
        "rows_per_s": COUNT / (moments[-1] - moments[0]),
        "after_the_rows_s": ended - moments[-1],
        "table_cpu_s": cpu_s("table", out),
        "page_mb": page.stat().st_size / 1e6,
    }
    sys.stdout.write(json.dumps({name: round(value, 2) for name, value in told.items()}))
    assert told["grown_mb"] <= MOST_MB, told
    assert told["last_to_first"] <= 1.1, told
    assert told["table_cpu_s"] <= MOST_S, told
    if told["page_mb"] > MOST_BYTES / 1e6:
        assert "the others are shown from <code>images/</code> beside it" in page.read_text()
    assert told["page_mb"] <= MOST_BYTES / 1e6 + COUNT / 500, told  # a row takes a kilobyte or two
