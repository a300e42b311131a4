"""What the engine costs beside the methods and metrics that it runs."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from bench.core.rows import Row
from bench.execution.local import LocalExecutor
from bench.execution.outstanding import Policy
from bench.planning import record
from bench.planning.cell import Cell
from bench.planning.plan import make_plan
from bench.planning.request import Request
from bench.results import folder
from bench.results.results import Results
from bench.results.rows_csv import rows_csv
from bench.runs.runner import Runner
from tests.conftest import SUITE, write_pictures

IMAGES = 200
ROOT = Path(__file__).resolve().parents[2]


class Stopwatch:
    """The listener that notes when the first row came and when the cell was finished."""

    first_s = finished_s = 0.0

    def cell_started(self, cell: Cell, left: int) -> None: ...

    def row_finished(self, cell: Cell, row: Row) -> None:
        self.first_s = self.first_s or time.perf_counter()

    def cell_finished(self, cell: Cell) -> None:
        self.finished_s = time.perf_counter()


def test_overhead_of_an_image(tmp_path: Path, benchmark: BenchmarkFixture) -> None:
    """At most 5 ms of wall time an image, beyond restoring it with bicubic and scoring its PSNR.

    Three parts are added up. Planning: reading and hashing 200 pictures of 128x128. Executing: a
    real worker process, from the first row to all rows on the disk and the process gone, over
    the 199 rows between, less the latency and the metric time of these rows. Reporting: the rows
    read back and written as CSV. Starting the worker, and drawing, which cost the same for one
    image and for many, are not in it. Of three rounds the best counts: the machine may be busy.
    """
    write_pictures(tmp_path / "data" / "face", IMAGES, 128)
    suite = tmp_path / "tiny.toml"
    suite.write_text(SUITE.replace("64", "128").replace(', "lr_psnr_db"', ""))
    rounds: list[dict[str, float]] = []

    def whole(out: Path) -> Results:
        began = time.perf_counter()
        request = Request(
            str(suite), methods=("bicubic",), splits=("face",), data=tmp_path / "data"
        )
        plan = make_plan(request, tmp_path / "cache")
        runner = Runner(plan, out, tmp_path / "cache", Policy(keep_images=False))
        record.enter(plan, runner.store, {})
        planned = time.perf_counter()
        watch = Stopwatch()
        cells = [planned.cell for planned in plan.cells]
        LocalExecutor(runner.store, 1, watch).run(cells, runner.job)
        executed = time.perf_counter()
        results = folder.load_results(out)
        rows_csv(results)
        reported = time.perf_counter()
        used = [(row.latency_s or 0) + (row.metric_s or 0) for row in results.rows[1:]]
        rounds.append(
            {
                "planning_ms": 1e3 * (planned - began) / IMAGES,
                "executing_ms": 1e3 * (watch.finished_s - watch.first_s - sum(used)) / len(used),
                "reporting_ms": 1e3 * (reported - executed) / IMAGES,
            }
        )
        return results

    outs = iter(tmp_path / f"out{i}" for i in range(3))
    results = benchmark.pedantic(whole, setup=lambda: ((next(outs),), {}), rounds=3, iterations=1)
    assert [row.state for row in results.rows] == ["ok"] * IMAGES
    best = min(rounds, key=lambda parts: sum(parts.values()))
    benchmark.extra_info |= {name: round(value, 2) for name, value in best.items()}
    assert sum(best.values()) <= 5.0, best


def test_a_run_with_nothing_to_do(tmp_path: Path, benchmark: BenchmarkFixture) -> None:
    """At most a second of CPU time beyond `import torch`, which is what starting up takes.

    CPU time of the whole process, since the wall clock of a busy machine tells nothing.
    """
    for split in ("face", "cat"):
        write_pictures(tmp_path / "data" / split, 16, 128)
    methods = "nearest,bicubic,lanczos,glean,pulse"
    command = [sys.executable, "-m", "bench", "run", "--suite", "photo", "--methods", methods,
               "--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")]  # fmt: skip
    assert cpu_seconds(command) > 0
    torch_s = min(cpu_seconds([sys.executable, "-c", "import torch"]) for _ in range(3))
    spent: list[float] = []
    benchmark.pedantic(lambda: spent.append(cpu_seconds(command)), rounds=3, iterations=1)
    benchmark.extra_info |= {"torch_s": round(torch_s, 2), "run_s": round(min(spent), 2)}
    assert min(spent) - torch_s <= 1.0


def test_what_a_command_imports(benchmark: BenchmarkFixture) -> None:
    """At most three quarters of a second of CPU time for a command that computes nothing, beyond
    Python's own start; torch is not imported for it."""
    python_s = min(cpu_seconds([sys.executable, "-c", "pass"]) for _ in range(3))
    spent: list[float] = []
    command = [sys.executable, "-m", "bench", "--version"]
    benchmark.pedantic(lambda: spent.append(cpu_seconds(command)), rounds=3, iterations=1)
    benchmark.extra_info |= {"python_s": round(python_s, 2), "command_s": round(min(spent), 2)}
    assert min(spent) - python_s <= 0.75


def test_a_report_of_all_methods(tmp_path: Path, benchmark: BenchmarkFixture) -> None:
    """What the tables, plots and page of the committed report of suite mini take anew, 3,000 rows:
    at most a minute of CPU time."""
    out = shutil.copytree(ROOT / "reports" / "mini", tmp_path / "mini")
    spent: list[float] = []
    command = [sys.executable, "-m", "bench", "report", str(out)]
    benchmark.pedantic(lambda: spent.append(cpu_seconds(command)), rounds=2, iterations=1)
    benchmark.extra_info["report_s"] = round(min(spent), 2)
    assert min(spent) <= 60


def cpu_seconds(command: list[str]) -> float:
    """What a process that ends well takes, its children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
