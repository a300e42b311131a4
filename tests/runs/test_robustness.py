"""What a run survives: kills at random moments, a full disk, damaged files, an interrupt."""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.core.errors import BenchError
from bench.core.files import DiskError
from bench.results.store import Store, read_records
from tests.conftest import write_pictures
from tests.runs.test_run import stored
from tests.support.commands import BAD, ROOT, bench, bench_here, rows, states

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def begin(*arguments: object, **options: object) -> subprocess.Popen[str]:
    """`python -m bench ARGUMENTS`, not waited for."""
    command = [sys.executable, "-m", "bench", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, text=True,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)  # fmt: skip


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))]
)
def test_killed_at_random_moments_it_ends_as_if_it_had_not_been(
    seed: int, data: Path, suite: Path, tmp_path: Path
) -> None:
    write_pictures(data / "face", 8)
    common = ("run", "--suite", suite, "--data", data, "--splits", "face",
              "--methods", f"nearest,{BAD}:Sleeps", "--set", "Sleeps.seconds=0.1")  # fmt: skip
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    began = time.monotonic()
    assert bench(*common, "--out", whole).returncode == 0
    lasted = time.monotonic() - began
    moments = random.Random(seed)
    kept = 0
    for share in (0.5, 0.7, 0.9):  # start, restoring, drawing: about
        process = begin(*common, "--out", killed)
        time.sleep(lasted * (share + moments.uniform(-0.1, 0.1)))
        process.kill()
        process.communicate()
        assert stored(killed) >= kept  # every file of rows is whole
        kept = stored(killed)
    last = bench_here(*common, "--out", killed)
    assert last.returncode == 0, last.stderr
    results = ("method", "image", "state", "psnr_rgb_db", "lr_psnr_db")
    assert [[row[name] for name in results] for row in rows(killed)] == [
        [row[name] for name in results] for row in rows(whole)
    ]
    assert stored(killed) == 16  # none lost, none twice


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 160 KiB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=False)


def test_a_full_disk_is_told_and_costs_nothing_that_was_measured(
    data: Path, suite: Path, small_disk: Path
) -> None:
    write_pictures(data / "face", 24)
    out = small_disk / "out"
    command = ("run", "--suite", suite, "--data", data, "--splits", "face",
               "--methods", "bicubic", "--out", out)  # fmt: skip
    full = bench_here(*command)
    assert full.returncode == 1
    assert "the disk is full: free some space" in full.stderr
    assert "Traceback" not in full.stderr
    kept = stored(out)
    assert kept < 24
    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    again = bench_here(*command)
    assert again.returncode == 0, again.stderr
    assert states(out) == {"ok": 24}
    assert stored(out) == 24


def test_a_disk_that_was_full_holds_up_no_later_run_of_the_same_process(
    data: Path, suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("run", "--suite", suite, "--data", data, "--images", 2, "--methods", "nearest",
               "--workers", 2, "--out", tmp_path / "out")  # fmt: skip

    def full(store: Store, key: str, records: object) -> None:
        raise DiskError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "add", full)
        stopped = bench_here(*command)
    assert stopped.returncode == 1
    assert "the disk is full" in stopped.stderr
    again = bench_here(*command)
    assert again.returncode == 0, again.stderr
    assert states(tmp_path / "out") == {"ok": 4}


def test_a_limit_on_files_is_told(data: Path, suite: Path, tmp_path: Path) -> None:
    """As a quota would, the limit stops the large files; rows that went before are kept."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))

    process = begin("run", "--suite", suite, "--data", data, "--splits", "face", "--methods",
                    "nearest", "--out", tmp_path / "out", preexec_fn=limit)  # fmt: skip
    told = process.communicate(timeout=100)[1]
    assert process.returncode == 1
    assert "cannot write" in told
    assert "run the same command again" in told
    assert "Traceback" not in told


def test_a_damaged_file_of_rows_is_named(data: Path, suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
               "--methods", "nearest", "--out", out)  # fmt: skip
    assert bench_here(*command).returncode == 0
    (path,) = (out / "store").glob("*/rows-*.json")
    whole = path.read_text()
    for damage in ('[{"picture": 1}]', "[1]", "1", "\x00", whole[: len(whole) // 2]):
        path.write_text(damage)
        with pytest.raises(BenchError, match="is damaged"):
            read_records(path)
    told = bench_here(*command)
    assert told.returncode == 2
    assert f"{path} is damaged" in told.stderr
    assert "Traceback" not in told.stderr
    path.unlink()
    assert bench_here(*command).returncode == 0
    assert states(out) == {"ok": 2}


def test_an_interrupt_keeps_and_shows_what_is_finished(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = begin("run", "--suite", suite, "--data", data, "--splits", "face", "--methods",
                    f"{BAD}:Sleeps", "--set", "Sleeps.seconds=1", "--out", out,
                    start_new_session=True)  # fmt: skip
    deadline = time.monotonic() + 60
    while stored(out) < 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all processes of the run
    told = process.communicate(timeout=100)[1]
    assert process.returncode == 130
    assert told.endswith("interrupted: finished rows are kept, and the same command goes on\n")
    assert "Traceback" not in told
    assert 1 <= len(rows(out)) < 5
    assert states(out) == {"ok": len(rows(out))}


def test_loading_warming_up_and_scoring_are_no_latency(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 3,
                 "--methods", f"{BAD}:SlowToBegin", "--out", out)  # fmt: skip
    assert done.returncode == 0, done.stderr
    (path,) = (out / "store").glob("*/cell.json")
    facts = json.loads(path.read_text())
    assert facts["load_s"] >= 0.3
    assert facts["warm_up_s"] >= 0.2
    with (out / "summary.csv").open(newline="") as file:
        (line,) = csv.DictReader(file)
    assert float(line["load_s"]) >= 0.3
    assert float(line["warm_up_s"]) >= 0.2
    assert float(line["metric_median_s"]) > 0
    assert 0.05 <= float(line["latency_q1_s"]) <= float(line["latency_q3_s"])
    latencies = [float(row["latency_s"]) for row in rows(out)]
    assert 0.05 <= min(latencies) < 0.15  # a busy machine may delay one, hardly all
    assert min(float(row["cpu_s"]) for row in rows(out)) < 0.05  # it slept
    assert all(float(row["metric_s"]) > 0 for row in rows(out))
    assert all(int(row["peak_mem_bytes"]) >= 0 for row in rows(out))
