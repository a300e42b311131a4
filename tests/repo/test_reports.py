"""The reports that are committed: whole, and free of other people's photographs."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

REPORTS = Path(__file__).parents[2] / "reports"
DOMAINS = {
    path.parent: json.loads(path.read_text())["suite"]["domain"]
    for path in sorted(REPORTS.glob("*/run.json"))
}
PHOTOGRAPHS = [report for report, domain in DOMAINS.items() if domain != "rendered"]
CHARTS = ("budgets", "factors-", "identity", "perception-", "quality-")  # numbers, no pictures


def test_there_are_reports_of_rendered_pictures_and_of_photographs() -> None:
    assert REPORTS / "mini" in DOMAINS.keys() - set(PHOTOGRAPHS)
    assert REPORTS / "photo" in PHOTOGRAPHS


@pytest.mark.parametrize("report", PHOTOGRAPHS, ids=lambda report: report.name)
def test_a_report_of_photographs_shows_charts_and_no_picture(report: Path) -> None:
    plots = {path.name for path in (report / "plots").iterdir()}
    assert plots
    assert {name for name in plots if not name.startswith(CHARTS)} == set()
    others = [path for path in report.iterdir() if path.suffix not in {".csv", ".md", ".tex"}]
    assert {path.name for path in others} == {"plots", "run.json"}


def test_the_rendered_report_has_every_picture_of_every_split() -> None:
    with (REPORTS / "mini" / "summary.csv").open() as file:
        lines = [line for line in csv.DictReader(file) if line["method"] == "glean"]
    counts = {line["split"]: (line["n"], line["ok"]) for line in lines}
    assert counts == dict.fromkeys(("face", "cat", "car", "bedroom", "tower"), ("64", "64"))
