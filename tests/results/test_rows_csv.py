"""Rows read back from `rows.csv`: nothing lost, nothing trusted."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bench import report
from bench.analysis.csv_lines import summary_lines
from bench.analysis.summary import summarise
from bench.core.errors import BenchError
from bench.results import folder
from bench.results.results import Results
from bench.results.rows_csv import rows_csv
from bench.results.summary_csv import summary_csv
from tests.report.test_report import hostile
from tests.support.synthetic import HOSTILE, results


def kept(made: Results, out: Path) -> Results:
    """The results as a folder without its store gives them back."""
    report.write(made, out, None)
    recorded = {f.column: {"protocol": f.protocol, "better": f.better} for f in made.metrics}
    run = {**made.run, "metrics": recorded, "missing_metrics": dict(made.missing_metrics)}
    (out / "run.json").write_text(json.dumps(run))
    return folder.load_results(out)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the report of two images, without its store."""
    out = tmp_path_factory.mktemp("told")
    kept(results(["glean"], ["face"], 2), out)
    return out


@pytest.fixture
def out(told: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    return Path(shutil.copytree(told, tmp_path / "out"))


@pytest.mark.parametrize("made", [results(["glean", "pulse"], ["face", "cat"], 7), hostile()])
def test_a_report_without_its_store_gives_the_same_tables(made: Results, tmp_path: Path) -> None:
    back = kept(made, tmp_path)
    assert rows_csv(back) == rows_csv(made)
    assert [f.protocol for f in back.metrics] == [f.protocol for f in made.metrics]
    assert back.pictures["face"]["000"] == "0" * 64
    theirs, ours = (
        {(c.method, c.split): (c.parameters, c.macs, c.load_s, c.warm_up_s) for c in cells}
        for cells in (back.cells, made.cells)
    )
    assert all(theirs[key] == value for key, value in ours.items() if key in theirs)
    again = summary_csv(back, summary_lines(summarise(back)))
    wanted = summary_csv(made, summary_lines(summarise(made)))
    assert [line.split(",")[:9] for line in again.splitlines()] == [
        line.split(",")[:9] for line in wanted.splitlines()
    ]


def test_reasons_of_missing_scores_come_back(tmp_path: Path) -> None:
    made = results(["glean"], ["face"], 2)
    notes = {"ssim": "no; ssim", "lpips_alex": f"a: b; {HOSTILE}"}
    rows = (replace(made.rows[0], metrics={}, unscored=notes), made.rows[1])
    back = kept(replace(made, rows=rows), tmp_path)
    assert back.rows[0].unscored == notes


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",ok,", ",okay,", r"line 2: unknown state 'okay'. Did you mean 'ok'"),
        ("glean,face,000,16,", "glean,face,000,x16,", "line 2: scale is 'x16'"),
        ("glean,face,000,16,", "glean,face,000,,", "line 2: scale is empty"),
        ("psnr_rgb_db", "sharpness", "column 'sharpness'"),
        ("latency_s", "latency", "it lacks latency_s"),
        ("ssim", "psnr_rgb_db", "psnr_rgb_db stands there twice"),
        ("glean,face,000,16,", "glean,face,000,16,16,", "cells"),
        ("glean,face,000,16,", 'glean,"face,000,16,', "cannot be read|cells"),
    ],
)
def test_what_is_wrong_in_a_table_is_told_with_its_line(
    old: str, new: str, message: str, out: Path
) -> None:
    path = out / "rows.csv"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(BenchError, match=message):
        folder.load_results(out)


@pytest.mark.parametrize("score", ["nan", "inf", "1e999", "x"])
def test_scores_that_are_no_numbers_are_told(score: str, out: Path) -> None:
    first = folder.load_results(out).rows[0]
    path = out / "rows.csv"
    path.write_text(path.read_text().replace(repr(first.metrics["ssim"]), score))
    with pytest.raises(BenchError, match="line 2: ssim is"):
        folder.load_results(out)


def test_a_broken_record_of_the_run_is_told(out: Path) -> None:
    (out / "run.json").write_text("{")
    with pytest.raises(BenchError, match=r"run.json is not the record of a run"):
        folder.load_results(out)
    (out / "run.json").unlink()
    assert folder.load_results(out).metrics[0].protocol == "not on record"


def test_a_folder_without_results_is_told(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="holds no results"):
        folder.load_results(tmp_path)
