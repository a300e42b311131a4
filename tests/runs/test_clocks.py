"""Which row counts never hangs on the clock: set two hours fast, then right, the later still does."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bench.core.rows import Row, RowState
from bench.results.store import Record, Store
from bench.weights.search import sha256_of
from tests.support.commands import ROOT, bench, bench_here, rows

GAIN = ROOT / "tests" / "support" / "gain.py"
# Found by every process of a run before anything else.
CLOCK = """
import os, time
ahead = int(os.environ.get("CLOCK_AHEAD_S", "0"))
now, now_ns = time.time, time.time_ns
time.time = lambda: now() + ahead
time.time_ns = lambda: now_ns() + ahead * 10**9
"""
TWO_HOURS = "7200"


@pytest.fixture
def clock(tmp_path: Path) -> dict[str, str]:
    """The environment of a run whose clock is two hours fast."""
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(CLOCK)
    path = os.pathsep.join([str(tmp_path / "clock"), os.environ.get("PYTHONPATH", "")])
    return {"PYTHONPATH": path.rstrip(os.pathsep), "CLOCK_AHEAD_S": TWO_HOURS}


def scores(out: Path) -> set[str]:
    return {row["psnr_rgb_db"] for row in rows(out)}


def clock_of(out: Path) -> list[int]:
    """When each row was finished, by the clock of its run."""
    paths = (out / "store").glob("*/rows-*.json")
    return [entry["finished_ns"] for path in paths for entry in json.loads(path.read_text())]


def test_the_later_plan_counts_though_its_clock_is_behind(
    data: Path, suite: Path, tmp_path: Path, clock: dict[str, str]
) -> None:
    out = tmp_path / "out"
    command = ("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
               "--methods", f"{GAIN}:Gain", "--out", out)  # fmt: skip
    assert bench(*command, **clock).returncode == 0
    first = scores(out)
    assert bench_here(*command, "--set", "Gain.gain=0.5", "--fresh").returncode == 0
    assert len(rows(out)) == 2
    assert not scores(out) & first


def test_fresh_measures_anew_what_a_fast_clock_stamped(
    data: Path, suite: Path, tmp_path: Path, clock: dict[str, str]
) -> None:
    out = tmp_path / "out"
    command = ("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
               "--methods", "nearest", "--out", out)  # fmt: skip
    assert bench(*command, **clock).returncode == 0
    fast = clock_of(out)
    again = bench_here(*command, "--fresh")
    assert again.returncode == 0
    assert "2 images to go" in again.stderr
    assert max(clock_of(out)) < min(fast)  # what was measured by the fast clock counts no more
    assert "to go" not in bench(*command, **clock).stderr


def test_new_scores_count_though_the_clock_was_set_back(
    data: Path, suite: Path, tmp_path: Path, clock: dict[str, str]
) -> None:
    out = tmp_path / "out"
    command = ("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
               "--methods", "nearest", "--metrics", "psnr_rgb_db", "--out", out)  # fmt: skip
    assert bench(*command, **clock).returncode == 0
    done = bench_here("rescore", out, "--metrics", "ssim")
    assert done.returncode == 0, done.stderr
    assert all(float(row["ssim"]) > 0 for row in rows(out))


def test_records_of_an_earlier_version_come_before_new_ones(tmp_path: Path) -> None:
    """It numbered its files by the clock, which may have been fast."""
    store = Store(tmp_path)
    row = Row("m", "face", "a", 16, "o#0", 0, RowState.OK)
    old = [{"picture": "p", "row": {**vars(row), "reason": "old", "budgets": []}, "scored_by": {},
            "timeout_s": None, "finished_ns": 9 * 10**18}]  # fmt: skip
    folder = store.root / "key"
    folder.mkdir(parents=True)
    (folder / f"rows-{8 * 10**18:020d}-0123abcd.json").write_text(json.dumps(old))
    assert store.records("key")["p"].row.reason == "old"
    store.add("key", [Record("p", row, {}, None, 5)])
    assert store.records("key")["p"].row.reason == ""
    store.compact("key")
    assert store.records("key")["p"].row.reason == ""
    assert len(list(folder.glob("rows-*.json"))) == 1
    # A file that somebody named counts as the first.
    (store.root / "other").mkdir()
    (store.root / "other" / "rows-mine.json").write_text(json.dumps(old))
    assert store.records("other")["p"].order == 0
    store.add("other", [Record("p", row, {}, None, 5)])
    assert store.records("other")["p"].row.reason == ""


def test_a_file_put_in_the_place_of_another_is_hashed_anew(tmp_path: Path) -> None:
    """Of the same size, and with its time kept as tools that copy keep it."""
    path = tmp_path / "net.pth"
    path.write_bytes(b"first")
    before, status = sha256_of(path), path.stat()
    path.write_bytes(b"other")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert sha256_of(path) != before
