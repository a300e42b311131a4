"""A run held against another: each verdict, its exit status, and what is refused.

One real run is the baseline; the others are copies of it in which the numbers are changed where
the store keeps them.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.analysis.regress.findings import RegressVerdict, Terms
from bench.analysis.regress.quality import verdict_on
from bench.metrics.facts import Direction, MetricFacts
from bench.stats import mean_interval
from tests.conftest import SUITE, write_pictures
from tests.support.commands import bench_here

Entry = dict[str, Any]
IMAGES = 8


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two methods, with latencies that a margin can be held against."""
    folder = tmp_path_factory.mktemp("regress")
    (folder / "tiny.toml").write_text(SUITE)
    write_pictures(folder / "data" / "face", IMAGES)
    out = folder / "baseline"
    done = bench_here("run", "--suite", folder / "tiny.toml", "--data", folder / "data", "--methods",
                 "nearest,bicubic", "--no-images-on-disk", "--out", out,
                 BENCH_CACHE=str(folder / "cache"))  # fmt: skip
    assert done.returncode == 0, done.stderr
    edit_rows(out, lambda row, i: row.update(latency_s=0.05 + 0.001 * i, cpu_s=0.05))
    return out


@pytest.fixture
def run(baseline: Path, tmp_path: Path) -> Path:
    """A copy of the baseline, to change."""
    return Path(shutil.copytree(baseline, tmp_path / "run"))


def edit(folder: Path, pattern: str, change: Callable[[Any], None]) -> None:
    """Change what each JSON file of that name holds."""
    paths = list(folder.glob(pattern))
    assert paths
    for path in paths:
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))


def edit_rows(folder: Path, change: Callable[[Entry, int], None], method: str = "bicubic") -> None:
    """Change the rows of a method, each with its number."""

    def change_all(records: list[Entry]) -> None:
        for i, record in enumerate(records):
            if record["row"]["method"] == method:
                change(record["row"], i)

    edit(folder, "store/*/rows-*.json", change_all)


def score(by: Callable[[int], float]) -> Callable[[Path], None]:
    """A change of every PSNR, by the number of the row."""

    def change(row: Entry, i: int) -> None:
        row["metrics"]["psnr_rgb_db"] += by(i)

    return lambda folder: edit_rows(folder, change)


def times(latency: float, cpu: float, kernel: float = 1.0) -> Callable[[Path], None]:
    """A change of every time, and of the calibration kernel's."""

    def change(folder: Path) -> None:
        edit_rows(folder, lambda row, _: row.update(
            latency_s=row["latency_s"] * latency, cpu_s=row["cpu_s"] * cpu))  # fmt: skip
        for method in ("nearest", "bicubic"):
            edit_rows(folder, lambda row, _: row.update(
                calibration_s=row["calibration_s"] * kernel,
                calibration_cpu_s=row["calibration_cpu_s"] * kernel), method)  # fmt: skip

    return change


def elsewhere(folder: Path) -> None:
    for method in ("nearest", "bicubic"):
        edit_rows(folder, lambda row, _: row.update(machine="another"), method)


def other_pixels(folder: Path) -> None:
    edit_rows(folder, lambda row, i: row.update(output_digest=f"{i:016x}"))


def fails(folder: Path) -> None:
    edit_rows(folder, lambda row, i: i == 3 and row.update(state="failed", reason="a | <b>"))


def plans(change: Callable[[Entry], None]) -> Callable[[Path], None]:
    """A change of what the run planned."""
    return lambda folder: edit(folder, "store/plans/*.json", change)


def unavailable(plan: Entry) -> None:
    for cell in plan["cells"]:
        for picture in cell["pictures"] if cell["method"] == "bicubic" else ():
            picture.update(state="unavailable", reason="no weights; `python -m bench fetch x`")


def other_operator(plan: Entry) -> None:
    for cell in plan["cells"]:
        cell["operator"] = "area-x16#0000"


def other_contents(plan: Entry) -> None:
    for cell in plan["cells"]:
        cell["pictures"][0]["sha256"] = "0" * 64


def unfinished(folder: Path) -> None:
    for path in folder.glob("store/*/rows-*.json"):
        path.write_text(json.dumps(json.loads(path.read_text())[:-1]))


def no_psnr(plan: Entry) -> None:
    del plan["metrics"]["psnr_rgb_db"]
    plan["missing_metrics"]["psnr_rgb_db"] = "needs weights; `python -m bench fetch psnr`"


def verdicts(done: Any) -> set[str]:
    return {name for name, count in json.loads(done.stdout)["verdicts"].items() if count}


CASES: dict[str, tuple[Callable[[Path], None] | None, int, set[str], str]] = {
    "a copy": (None, 0, set(), ""),
    "lower scores": (score(lambda i: -0.5 + 0.01 * i), 3, {"worse"}, "PSNR"),
    "higher scores": (score(lambda i: 0.5 + 0.01 * i), 0, {"better"}, "PSNR"),
    "less than the margin": (score(lambda i: -0.05), 0, set(), ""),
    "chance": (score(lambda i: -2.0 if i % 2 else 1.5), 0, set(), ""),
    "slower": (times(2, 2), 3, {"slower"}, "2.00x [2.00x, 2.00x]"),
    "faster": (times(0.5, 0.5), 0, {"faster"}, "0.50x"),
    "a slower machine today": (times(2, 2, kernel=2), 0, set(), ""),
    "a busy machine": (times(2, 1), 0, {"unsure"}, "other work on the machine"),
    "another machine": (elsewhere, 0, {"not compared"}, "machines differ"),
    "other pixels": (other_pixels, 3, {"different output"}, "8 of 8 pictures"),
    "a failed row": (fails, 3, {"failed"}, "1 of 8: failed: a | <b>"),
    "no weights": (plans(unavailable), 4, {"nothing measured"}, "no weights"),
    "a metric is lost": (plans(no_psnr), 4, {"nothing measured"}, "needs weights"),
    "another operator": (plans(other_operator), 4, {"not compared"}, "operators differ"),
    "other contents": (plans(other_contents), 4, {"not compared"}, "1 of 8 of the same name"),
    "an interrupted run": (unfinished, 4, {"nothing measured"}, "1 images not run"),
    "another protocol": (
        plans(lambda plan: plan["metrics"].update(psnr_rgb_db="psnr/y/crop4")),
        0, {"not compared"}, "psnr/y/crop4",
    ),
    "another method": (
        lambda folder: shutil.rmtree(folder / "store" / "plans") or
        (folder / "store" / "plans").mkdir() or
        (folder / "store" / "plans" / "1.json").write_text(json.dumps(
            {"metrics": {}, "missing_metrics": {}, "titles": {}, "cells": []})),
        4, {"not compared"}, "the run did not plan it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_every_verdict_and_its_status(name: str, baseline: Path, run: Path) -> None:
    change, status, expected, told = CASES[name]
    if change:
        change(run)
    done = bench_here("regress", baseline, run, "--json")
    assert done.returncode == status, done.stdout + done.stderr
    assert json.loads(done.stdout)["status"] == status
    assert verdicts(done) - {"unchanged"} == expected
    shown = bench_here("regress", baseline, run)
    assert shown.returncode == status
    assert told in " ".join(shown.stdout.split())


def test_other_pixels_are_no_regression_where_that_is_agreed_or_to_be_expected(
    baseline: Path, run: Path
) -> None:
    other_pixels(run)
    agreed = bench_here("regress", baseline, run, "--outputs-may-differ")
    assert agreed.returncode == 0
    assert "different output (does not count)" in agreed.stdout
    elsewhere(run)
    assert bench_here("regress", baseline, run).returncode == 0
    # Where scores say it, that bits differ is no news.
    score(lambda i: -0.5)(run)
    assert verdicts(bench_here("regress", baseline, run, "--json")) == {
        "worse", "not compared", "unchanged"}  # fmt: skip


def test_rows_alone_are_a_baseline_for_quality(baseline: Path, run: Path, tmp_path: Path) -> None:
    light = tmp_path / "light"
    light.mkdir()
    bench_here("report", baseline)  # the rows as the tests have changed them
    for name in ("run.json", "rows.csv"):
        shutil.copy(baseline / name, light / name)
    done = bench_here("regress", light, run, "--json")
    assert done.returncode == 0, done.stderr
    assert verdicts(done) == {"unchanged", "not compared"}
    other_pixels(run)
    score(lambda i: -0.5 + 0.01 * i)(run)
    assert verdicts(bench_here("regress", light, run, "--json")) >= {"worse"}


def test_margins_can_be_set_and_are_told(baseline: Path, run: Path) -> None:
    score(lambda i: -0.05 - 0.001 * i)(run)
    done = bench_here("regress", baseline, run, "--margin", "psnr_rgb_db=0.01")
    assert done.returncode == 3
    assert "0.01" in done.stdout
    times(1.15, 1.15)(run)
    assert bench_here("regress", baseline, run, "--margin", "psnr_rgb_db=1").returncode == 0
    strict = bench_here(
        "regress", baseline, run, "--time-margin", "0.1", "--margin", "psnr_rgb_db=1"
    )
    assert strict.returncode == 3
    assert "10%" in strict.stdout


def test_a_ratio_of_kernels_is_told_from_one_of_seconds(baseline: Path, run: Path) -> None:
    times(1.0, 1.0, kernel=2.0)(run)  # the same seconds on a machine that was half as fast
    done = bench_here("regress", baseline, run)
    (line,) = [line for line in done.stdout.splitlines() if "latency" in line and "bicubic" in line]
    assert re.search(r"0\.50x \[.*\] in kernels, 1\.00x in seconds", line)
    found = json.loads(bench_here("regress", baseline, run, "--json").stdout)["findings"]
    (latency,) = [f for f in found if f["subject"] == "latency" and f["method"] == "bicubic"]
    assert latency["change"]["mean"] == pytest.approx(0.5)
    assert latency["seconds_ratio"] == pytest.approx(1.0)


def test_few_images_cannot_tell(baseline: Path, run: Path) -> None:
    score(lambda i: -3.0)(run)
    edit(run, "store/plans/*.json", lambda plan: [
        cell.update(pictures=cell["pictures"][:4]) for cell in plan["cells"]])  # fmt: skip
    done = bench_here("regress", baseline, run)
    assert done.returncode == 0
    assert "4 images are too few to tell" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--margin", "psnr_rgb=1"], "Did you mean"),
        (["--margin", "psnr_rgb_db"], "METRIC=VALUE"),
        (["--margin", "psnr_rgb_db=-1"], "METRIC=VALUE"),
        (["--time-margin", "-1"], "--time-margin"),
    ],
)
def test_mistakes_are_usage_errors(arguments: list[str], message: str, baseline: Path) -> None:
    done = bench_here("regress", baseline, baseline, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_results_is_told(baseline: Path, tmp_path: Path) -> None:
    for pair in ((baseline, tmp_path), (tmp_path / "none", baseline)):
        done = bench_here("regress", *pair)
        assert done.returncode == 2
        assert "holds no results" in done.stderr


def test_the_run_keeps_what_a_comparison_needs(baseline: Path) -> None:
    run = json.loads((baseline / "run.json").read_text())
    assert len(run["machine"]) == 12
    assert run["calibration_s"] > 0
    assert run["warnings"] == []  # a healthy run carries none
    (check,) = (baseline / "store" / "checks").glob("sanity-*.json")
    assert json.loads(check.read_text())["facts"]["images"] == IMAGES
    line = (baseline / "rows.csv").read_text().splitlines()[0]
    assert "output_digest" in line.split(",")


def test_significance_comes_before_the_verdict() -> None:
    def verdict(*values: float, margin: float = 0.1, lower: bool = False) -> RegressVerdict:
        change = mean_interval(values)
        assert change
        return verdict_on(change, margin, Direction.LOWER if lower else Direction.HIGHER)[0]

    assert verdict(*[-0.3, -0.2] * 4) is RegressVerdict.WORSE
    assert verdict(*[-0.3, -0.2] * 4, lower=True) is RegressVerdict.BETTER
    assert verdict(*[-0.3, -0.2] * 4, margin=0.5) is RegressVerdict.UNCHANGED
    assert verdict(*[-3.0, 2.0] * 4) is RegressVerdict.UNCHANGED
    assert verdict(-3.0, -3.0) is RegressVerdict.UNSURE
    mine = MetricFacts("mine", "Mine", Direction.HIGHER, "", "mine")
    assert Terms({"mine": 0.3}).margin(mine, 10) == 0.3
    assert Terms().margin(mine, -10) == pytest.approx(0.2)
    assert Terms().margin(replace(mine, margin=0.5), -10) == 0.5
    assert Terms().margin(mine, 0.0) > 1e-7  # of scores that are all 0, rounding is no change
