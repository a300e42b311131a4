"""Runs over pictures of which every factor is known: scores, tables, reports, rescoring."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from PIL import Image

from bench.planning.plan import make_plan
from bench.planning.request import Request
from tests.support.commands import bench_here, rows

SUITE = """
name = "discs"
title = "Coloured discs"
domain = "rendered"
default_size = 64
scales = [8]
methods = ["nearest", "bicubic"]
metrics = ["psnr_rgb_db", "factor_fidelity", "rendered_identity_cosine"]
[splits]
face.size = 64
"""

COLUMN = "factor_fidelity"


@pytest.fixture(scope="module")
def run(disc_reader: Path, discs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over the test pictures, one of them without factors and one with a stranger's."""
    folder = tmp_path_factory.mktemp("run")
    own = shutil.copytree(discs / "face" / "test", folder / "data" / "face" / "test").parents[1]
    names = sorted(path.stem for path in (own / "face" / "test").glob("*.png"))
    (own / "face" / "test" / f"{names[-1]}.json").unlink()
    (own / "face" / "test" / f"{names[-2]}.json").write_text('{"lamp": NaN}')
    (folder / "discs.toml").write_text(SUITE)
    command = ("run", "--suite", folder / "discs.toml", "--data", own, "--out", folder / "out")
    done = bench_here(*command, BENCH_WEIGHTS=str(disc_reader))
    assert done.returncode == 0, done.stderr
    return folder / "out"


def test_a_run_scores_what_is_known_and_says_why_not_elsewhere(run: Path) -> None:
    found = rows(run)
    assert {row["state"] for row in found} == {"ok"}
    scored = [row for row in found if row[COLUMN]]
    assert len(scored) == len(found) - 4
    assert all(0 <= float(row[COLUMN]) <= 1 for row in scored)
    notes = {row["notes"] for row in found if not row[COLUMN]}
    assert {note.partition(": ")[2] for note in notes} == {
        "what is in the picture is not known: no JSON file of factors beside it",
        f"{sorted({r['image'] for r in found})[-2]}.json is no JSON of factors: NaN is no number",
    }
    assert all(-1 <= float(row["rendered_identity_cosine"]) <= 1 for row in found)


def test_tables_plot_and_page_show_each_factor_beside_the_truth(run: Path) -> None:
    with (run / "factors.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    counted = [line for line in lines if line["method"]]
    assert {line["method"] for line in counted} == {"nearest", "bicubic"}
    assert {line["factor"] for line in lines} - {line["factor"] for line in counted} == {"hidden"}
    assert all(line["n"] == "10" and line["standing"] for line in counted)
    summary = (run / "summary.md").read_text()
    head = next(line for line in summary.splitlines() if line.startswith("| factor"))
    assert [cell.strip() for cell in head.strip("|").split("|")][:3] == [
        "factor",
        "chance",
        "truth",
    ]
    assert "Left out, as its reader cannot read them: hidden (truth" in summary
    page = (run / "report.html").read_text()
    assert '<section id="factors"' in page
    assert all(line["factor"].replace("_", " ") in page for line in lines)
    with Image.open(run / "plots" / "factors-face.png") as plot:
        assert plot.width > 400


def test_a_report_without_its_store_keeps_the_factors(run: Path, tmp_path: Path) -> None:
    for name in ("rows.csv", "run.json", "summary.csv", "factors.csv"):
        shutil.copy(run / name, tmp_path / name)
    assert bench_here("report", tmp_path).returncode == 0
    assert (tmp_path / "factors.csv").read_text() == (run / "factors.csv").read_text()
    assert "factors read back" in (tmp_path / "summary.md").read_text()
    (tmp_path / "factors.csv").write_text((run / "factors.csv").read_text().replace("kept", "no"))
    refused = bench_here("report", tmp_path)
    assert refused.returncode == 2
    assert "standing is 'no'" in refused.stderr


def test_rescoring_reads_the_factors_that_a_run_kept(
    run: Path, disc_reader: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_WEIGHTS", str(disc_reader))
    copy = shutil.copytree(run, tmp_path / "copy")
    shutil.rmtree(copy / "store")
    (copy / "factors.csv").unlink()
    before = [row[COLUMN] for row in rows(copy)]
    assert bench_here("rescore", copy, "--metrics", COLUMN).returncode == 1  # some have reasons
    assert [row[COLUMN] for row in rows(copy)] == before
    assert (copy / "factors.csv").read_text() == (run / "factors.csv").read_text()


def test_photographs_have_no_known_factors(discs: Path, tmp_path: Path) -> None:
    (tmp_path / "photo.toml").write_text(SUITE.replace('"rendered"', '"photo"'))
    plan = make_plan(Request(str(tmp_path / "photo.toml"), data=discs), tmp_path)
    assert [scoring.facts.column for scoring in plan.metrics] == ["psnr_rgb_db"]
    why = "not applicable: defined on rendered pictures only"
    assert plan.missing_metrics == {COLUMN: why, "rendered_identity_cosine": why}


def test_rescoring_photographs_is_refused(
    run: Path, disc_reader: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_WEIGHTS", str(disc_reader))
    for name in ("rows.csv", "run.json"):
        text = (run / name).read_text().replace('"rendered"', '"photo"')
        (tmp_path / name).write_text(text)
    refused = bench_here("rescore", tmp_path, "--metrics", COLUMN)
    assert refused.returncode == 2
    assert "factor_fidelity is not applicable: defined on rendered pictures only" in refused.stderr
