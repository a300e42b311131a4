"""report through the entry point, of one run and of several."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.commands import bench_here, rows


def test_report_rebuilds_everything_from_the_rows_alone(runs: tuple[Path, Path]) -> None:
    first, _ = runs
    before = {
        name: (first / name).read_bytes() for name in ("rows.csv", "summary.csv", "pairs.csv")
    }
    for name in ("summary.csv", "summary.md", "summary.tex", "pairs.csv", "report.html"):
        (first / name).unlink()
    shutil.rmtree(first / "plots")
    moved = first.rename(first.parent / "from another machine")
    done = bench_here("report", moved)
    assert done.returncode == 0, done.stderr
    assert {name: (moved / name).read_bytes() for name in before} == before
    assert (moved / "report.html").exists()
    shutil.rmtree(moved / "store")
    (moved / "summary.md").unlink()
    elsewhere = moved.parent / "elsewhere"
    assert bench_here("report", moved, "--out", elsewhere).returncode == 0
    assert (elsewhere / "summary.md").exists()
    assert not (moved / "summary.md").exists()
    assert (elsewhere / "rows.csv").read_bytes() == before["rows.csv"]


def test_report_of_several_runs_refuses_conflicts_and_keeps_them_apart(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "both"
    done = bench_here("report", *runs)
    assert done.returncode == 2
    assert "add --out DIR" in done.stderr
    done = bench_here("report", *runs, "--out", out)  # bicubic took another time in each
    assert done.returncode == 2
    assert "'bicubic' on 'face' at 16x in" in done.stderr
    assert "--keep-apart" in done.stderr
    assert not out.exists()
    done = bench_here("report", *runs, "--keep-apart", "--out", out)
    assert done.returncode == 0, done.stderr
    found = rows(out)
    assert {r["method"] for r in found} == {
        "nearest", "bicubic@first", "bicubic@second", "lanczos", "Random"}  # fmt: skip
    assert len(found) == len(rows(runs[0])) + len(rows(runs[1]))
    shown = {p.name for p in (out / "images" / "face" / "000").iterdir()}
    assert shown == {"truth.png", "input.png", "nearest.png", "bicubic@first.png",
                     "bicubic@second.png", "lanczos.png", "Random.png", "Random.seed1.png"}  # fmt: skip
    assert "merged from first, second" in (out / "summary.md").read_text()
    # What was merged is a results folder of its own.
    assert bench_here("rescore", out, "--metrics", "ssim").returncode == 0


def test_a_copy_of_a_run_adds_nothing(runs: tuple[Path, Path], tmp_path: Path) -> None:
    first, _ = runs
    shutil.copytree(first, tmp_path / "copy")
    done = bench_here("report", first, tmp_path / "copy", "--out", tmp_path / "both")
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "both") == rows(first)
