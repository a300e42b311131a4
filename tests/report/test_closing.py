"""What a run says at its end: readable means, stars where they mean something, what is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bench import report
from bench.analysis.csv_lines import summary_lines
from bench.analysis.summary import summarise
from bench.core.rows import RowState
from bench.report.terminal.closing import closing
from bench.results.results import Results
from bench.results.summary_csv import summary_csv
from tests.support.synthetic import hostile, results


def said(made: Results, out: Path) -> str:
    (out / "summary.csv").write_text(
        summary_csv(made, summary_lines(summarise(made))), encoding="utf-8"
    )
    return closing(made, out)


def test_every_split_has_its_means_and_stars_mark_the_leaders(tmp_path: Path) -> None:
    made = results(["glean", "bicubic"], ["face", "cat"], images=40)
    text = said(made, tmp_path)
    lines = {line.table.split: line for line in summarise(made) if line.method == "glean"}
    for split, line in lines.items():
        part = next(part for part in text.split("\n\n") if part.startswith(f"{split}, 16x"))
        row = next(row for row in part.splitlines() if row.startswith("glean"))
        assert f"{line.scores.means['psnr_rgb_db'].mean:.2f}" in row
        assert row.endswith("40/40")
        assert "*" in part
    assert "* the best of its column" in text


def test_few_images_have_no_star(tmp_path: Path) -> None:
    text = said(results(["glean", "bicubic"], ["face"], images=2), tmp_path)
    assert "*" not in text


def test_the_absent_are_named_with_their_reason_and_have_no_row(tmp_path: Path) -> None:
    made = results(["glean", "bicubic"], ["face", "cat"], images=3)
    rows = tuple(
        replace(row, state=RowState.UNAVAILABLE, reason="no weights: `get them`", metrics={})
        if row.method == "glean"
        else row
        for row in made.rows
    )
    text = said(replace(made, rows=rows), tmp_path)
    assert "glean on face 16x, glean on cat 16x: no weights: `get them`" in text
    assert not any(line.startswith("glean ") and "/3" in line for line in text.splitlines())


def test_hostile_text_moves_no_cursor(tmp_path: Path) -> None:
    made = hostile()
    report.write(made, tmp_path, None)
    text = closing(made, tmp_path)
    assert all(c.isprintable() or c == "\n" for c in text)
