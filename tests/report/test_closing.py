"""What a run says at its end: readable means, stars where they mean something, what is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench import report
from bench.analysis.csv_lines import summary_lines
from bench.analysis.summary import summarise
from bench.core.rows import RowState
from bench.report.terminal.closing import closing
from bench.results.cautions import Caution, CautionKind
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
    assert "glean on face, cat 16x: no weights: `get them`" in text
    assert not any(line.startswith("glean ") and "/3" in line for line in text.splitlines())


def test_hostile_text_moves_no_cursor(tmp_path: Path) -> None:
    made = hostile()
    report.write(made, tmp_path, None)
    text = closing(made, tmp_path)
    assert all(c.isprintable() or c == "\n" for c in text)


def part_of(text: str, title: str) -> str:
    return next(part for part in text.split("\n\n") if part.startswith(title))


def line_of(part: str, method: str) -> str:
    return next(line for line in part.splitlines() if line.startswith(method))


def test_a_mean_over_other_images_stands_beside_none(tmp_path: Path) -> None:
    """As many images, and others of them: no count tells it."""
    made = results(["glean", "bicubic"], ["face"], images=12)
    rows = [
        replace(row, state=RowState.FAILED, reason="broke", metrics={}, latency_s=None)
        if (row.method, row.image) in (("glean", "003"), ("bicubic", "004"))
        else row
        for row in made.rows
    ]
    text = said(replace(made, rows=tuple(rows)), tmp_path)
    part = part_of(text, "face, 16x")
    for method in ("glean", "bicubic"):
        assert line_of(part, method).count("–†") == len(made.metrics)
        assert "*" not in line_of(part, method)
    assert "PSNR is over images: 11 of 12 (glean, bicubic)" in part
    assert "† scored on fewer images than others" in text
    assert "glean on face 16x, bicubic on face 16x: broke" in text


def test_scores_that_are_missing_are_told_with_their_reason_and_their_count(tmp_path: Path) -> None:
    made = results(["glean", "bicubic"], ["face"], images=12, columns=("psnr_rgb_db", "ssim"))
    rows = [
        replace(row, metrics={"psnr_rgb_db": row.metrics["psnr_rgb_db"]},
                unscored={"ssim": "the window is too large"})
        if row.method == "glean" and row.image < "005" else row
        for row in made.rows
    ]  # fmt: skip
    text = said(replace(made, rows=tuple(rows)), tmp_path)
    part = part_of(text, "face, 16x")
    assert "SSIM is over images: 7 of 12 (glean); 12 of 12 (bicubic)" in part
    assert "PSNR is over" not in part
    assert line_of(part, "glean").count("–†") == 1
    missing = "ssim missing on 5 of 12 rows: the window is too large"
    assert f"glean on face 16x: {missing}" in text

    # A metric that no row has a score of is in no column, and is told all the same.
    rows = [replace(row, metrics={"psnr_rgb_db": row.metrics["psnr_rgb_db"]},
                    unscored={"ssim": "no"}) for row in made.rows]  # fmt: skip
    text = said(replace(made, rows=tuple(rows)), tmp_path)
    assert "SSIM" not in part_of(text, "face, 16x")
    assert "glean on face 16x, bicubic on face 16x: ssim missing on 12 of 12 rows: no" in text


def test_rows_that_never_ran_are_counted(tmp_path: Path) -> None:
    made = results(["glean", "bicubic"], ["face"], images=12)
    rows = [row for row in made.rows if row.method == "bicubic" or row.image < "004"]
    text = said(replace(made, rows=tuple(rows)), tmp_path)
    assert "glean on face 16x: 8 of 12 not run" in text
    assert line_of(part_of(text, "face, 16x"), "glean").count("–†") == len(made.metrics)


def test_the_conditions_of_times_and_doubts_of_metrics_are_told(tmp_path: Path) -> None:
    made = results(["glean", "bicubic"], ["face"], images=8)
    beside = "cpu, fp32, 1 thread, beside others (2 workers)"
    rows = [
        replace(row, timed_under=beside if row.method == "glean" else "cpu, fp32, 2 threads")
        for row in made.rows
    ]
    table = rows[0].table
    doubt = Caution(CautionKind.SANITY, "SSIM is upside down", table, "ssim")
    text = said(replace(made, rows=tuple(rows), cautions=(doubt,)), tmp_path)
    part = part_of(text, "face, 16x")
    assert (
        f"Times of different conditions do not compare: glean ({beside}); bicubic (cpu, fp32, 2 "
        "threads)."
    ) in part
    assert "§" in line_of(part, "glean")
    assert "§" not in line_of(part, "bicubic")
    assert "SSIM ↑‡" in part
    assert "‡ not to be trusted" in text


@pytest.mark.parametrize("width", [None, 120, 80, 60, 36])
def test_tables_fit_the_terminal_fewer_columns_first_then_shorter_names(
    width: int | None, tmp_path: Path
) -> None:
    names = ["glean", "bicubic", "a-method-of-a-very-long-name-indeed@long", "pulse"]
    made = results(names, ["face"], images=8)
    (tmp_path / "summary.csv").write_text(
        summary_csv(made, summary_lines(summarise(made))), encoding="utf-8"
    )
    part = next(
        p for p in closing(made, tmp_path, width).split("\n\n") if p.startswith("face, 16x")
    )
    table = part.splitlines()[1 : 1 + 2 + len(names)]
    assert width is None or max(map(len, table)) <= width
    assert "LPIPS (alex)" in table[0]  # the leading metric is the last to go
    left_out = next((line for line in part.splitlines() if "Too wide" in line), "")
    assert bool(left_out) == (width is not None)
    every = "SSIM ↑" in table[0]
    assert every != ("SSIM ↑" in left_out)
    assert ("…@" in part or "…" in part) == (width == 36)


def test_a_reason_of_several_splits_is_one_line(tmp_path: Path) -> None:
    made = results(["bicubic", "glean"], ["face", "cat", "car"], images=2)
    rows = tuple(
        replace(
            row, state=RowState.NOT_APPLICABLE, metrics={}, reason=f"not for {row.split} at 16x"
        )
        if row.method == "glean" and row.split != "face"
        else row
        for row in made.rows
    )
    text = said(replace(made, rows=rows), tmp_path)
    assert "glean on cat, car 16x: not for SPLIT at 16x" in text
    assert text.count("not for") == 1
