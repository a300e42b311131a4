"""Times and what they were taken under: threads, workers, company; no median over two conditions."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bench.analysis.analysis import analyse
from bench.analysis.frames import summary_lines
from bench.core.rows import Row
from bench.machine import threads
from bench.machine.company import at_work
from bench.machine.threads import threads_for, usable_cores
from bench.planning.plan import make_plan
from bench.planning.request import Request
from bench.report.tables.markdown import summary_markdown
from bench.results.folder import load_results
from tests.support.commands import ROOT, bench, rows
from tests.support.synthetic import results

BAD = ROOT / "tests" / "support" / "misbehaving.py"
CORES = os.cpu_count() or 1


def summary(out: Path) -> list[dict[str, str]]:
    with (out / "summary.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_threads_are_those_that_the_process_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(threads, "usable_cores", lambda: 8)
    assert [threads_for(workers) for workers in (1, 2, 3, 20)] == [8, 4, 2, 1]
    for said, expected in (("3", 3), ("3,2", 3), ("20", 8), ("0", 4), ("many", 4), ("", 4)):
        monkeypatch.setenv("OMP_NUM_THREADS", said)
        assert threads_for(2) == expected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity here")
def test_cores_are_those_that_taskset_leaves() -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_a_container_may_have_less_than_its_cores(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    quota = tmp_path / "cpu.max"
    monkeypatch.setattr(threads, "QUOTA", quota)
    for text, expected in (("max 100000", None), ("150000 100000", 2), ("50000 100000", 1), ("", None)):  # fmt: skip
        quota.write_text(text)
        assert threads.quota() == expected


def test_each_row_has_its_conditions_and_no_median_is_over_two(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    """Two pictures alone, then three more by two workers."""
    out = tmp_path / "out"
    common = ("run", "--suite", suite, "--data", data, "--splits", "face", "--out", out)
    assert bench(*common, "--methods", "nearest", "--images", 2).returncode == 0
    done = bench(*common, "--methods", "nearest,bicubic", "--workers", 2)
    assert done.returncode == 0, done.stderr
    alone, beside = "cpu, fp32, 1 thread", "cpu, fp32, 1 thread, beside others (2 workers)"
    nearest = [row for row in rows(out) if row["method"] == "nearest"]
    assert sorted(row["timed_under"] for row in nearest) == [alone] * 2 + [beside] * 3
    assert {len(row["machine"]) for row in nearest} == {12}
    line = next(line for line in summary(out) if line["method"] == "nearest")
    late = sorted(float(row["latency_s"]) for row in nearest if row["timed_under"] == beside)
    assert float(line["latency_median_s"]) == pytest.approx(late[1])
    assert (line["timed_under"], line["timed_n"], line["timed_otherwise"]) == (beside, "3", "2")
    text = (out / "summary.md").read_text()
    assert "§ timed beside other work" in text
    assert "are of the 3 of 5 rows timed under cpu, fp32, 1 thread, beside others" in text
    assert "beside others (2 workers)" in (out / "report.html").read_text()


def test_another_run_at_work_is_told(data: Path, suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    slow = [sys.executable, "-m", "bench", "run", "--suite", suite, "--data", data, "--splits",
            "face", "--methods", f"{BAD}:Sleeps", "--set", "Sleeps.seconds=20",
            "--out", tmp_path / "other"]  # fmt: skip
    other = subprocess.Popen([*map(str, slow)], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        folder = Path(os.environ["BENCH_CACHE"]) / "at-work"
        deadline = time.monotonic() + 60
        while not list(folder.glob("*.lock")) and time.monotonic() < deadline:
            time.sleep(0.05)
        done = bench("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
                     "--methods", "nearest", "--out", out)  # fmt: skip
    finally:
        other.kill()
        other.wait()
    assert done.returncode == 0, done.stderr
    assert {row["timed_under"] for row in rows(out)} == {"cpu, fp32, 1 thread, beside another run"}
    with at_work(folder) as others:  # the one that was killed is not at work any more
        assert not others()


def test_a_folder_of_an_earlier_version_has_the_conditions_of_its_cells(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert bench("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
                 "--methods", "nearest", "--out", out).returncode == 0  # fmt: skip
    (path,) = (out / "store").glob("*/rows-*.json")
    entries = json.loads(path.read_text())
    for entry in entries:
        for name in ("machine", "timed_under", "calibration_s", "calibration_cpu_s"):
            del entry["row"][name]
        del entry["order"]
    path.write_text(json.dumps(entries))
    assert {row.timed_under for row in load_results(out).rows} == {"cpu, fp32, 1 thread"}


def test_methods_timed_differently_are_told_apart() -> None:
    def timed(row: Row) -> Row:
        under = "cpu, fp32, 2 threads" if row.method == "glean" else "cpu, fp32, 1 thread"
        return replace(row, timed_under=under, machine="0" * 12)

    made = results(["glean", "bicubic", "nearest"], ["face"])
    text = summary_markdown(analyse(replace(made, rows=tuple(map(timed, made.rows)))))
    assert (
        "Times of different conditions do not compare: GLEAN (cpu, fp32, 2 threads); "
        "Bicubic (MATLAB), Nearest neighbour (cpu, fp32, 1 thread)."
    ) in text
    alike = tuple(replace(row, timed_under="cpu, fp32, 2 threads") for row in made.rows)
    assert "Times are of cpu, fp32, 2 threads." in summary_markdown(
        analyse(replace(made, rows=alike))
    )
    entry = summary_lines(analyse(replace(made, rows=alike)).lines)[0]
    assert (entry["timed_under"], entry["timed_n"]) == ("cpu, fp32, 2 threads", 8)


def test_the_threads_of_a_search_are_in_its_key(
    data: Path, suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rounding, which grows from step to step, depends on them; that of one pass does not."""

    def keys(said: str) -> dict[str, str]:
        monkeypatch.setenv("OMP_NUM_THREADS", said)
        request = Request(str(suite), (f"{BAD}:Random", "nearest"), splits=("face",), data=data)
        cells = [planned.cell for planned in make_plan(request, tmp_path).cells]
        return {cell.method.label: cell.key for cell in cells}

    monkeypatch.setattr(threads, "usable_cores", lambda: 4)
    one, two = keys("1"), keys("2")
    assert one["Random"] != two["Random"]
    assert one["nearest"] == two["nearest"]
