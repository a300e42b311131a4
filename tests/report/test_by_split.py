"""Methods by splits: standings, order, gaps, and the three formats."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bench.analysis.analysis import analyse
from bench.analysis.by_split import SplitTable, split_tables
from bench.report.tables.by_split import default_columns, report_tables, texts_of
from bench.report.tables.by_split_latex import PREAMBLE, by_split_latex
from bench.report.tables.by_split_markdown import by_split_markdown
from bench.results.results import Results
from bench.results.rows_csv import rows_csv
from bench.results.run_json import write_run_json
from tests.support.commands import bench_here
from tests.support.synthetic import HOSTILE, METRICS, hostile, results

METHODS = ("bicubic", "esrgan", "glean", "pulse")


def gapped() -> Results:
    """PULSE on the first four of eight faces; no GLEAN on cats."""
    made = results(METHODS, images=8)
    rows = [
        row
        for row in made.rows
        if not (row.method == "pulse" and row.split == "face" and row.image >= "004")
        and not (row.method == "glean" and row.split == "cat")
    ]
    return replace(made, rows=tuple(rows))


def joint(made: Results, order: str = "lpips_alex", *, common: bool = False) -> SplitTable:
    analysis = analyse(made)
    columns = default_columns(analysis)
    (found,) = split_tables(analysis, columns, METRICS[order], common=common)
    return found


def by_method(table: SplitTable) -> dict[str, list[str]]:
    return {
        name: [" / ".join(p.text for p in cell.pieces) + cell.images for cell in cells]
        for name, cells in texts_of(table).rows
    }


def test_each_split_has_its_best_and_second_best_by_each_metric() -> None:
    made = results(METHODS, images=8)
    table = joint(made)
    assert [facts.column for facts in table.metrics] == ["psnr_rgb_db", "lpips_alex"]
    for key in table.splits:
        for facts in table.metrics:
            scores = {line.method: line.scores[key][facts.column] for line in table.lines}
            means = {m: s.interval.mean for m, s in scores.items()}
            order = sorted(means, key=lambda m: means[m], reverse=facts.better == "higher")
            assert [m for m, s in scores.items() if s.is_best] == order[:1]
            assert [m for m, s in scores.items() if s.is_second] == order[1:2]
            own = [row.metrics[facts.column] for row in made.rows
                   if row.method == "glean" and row.split == key.split]  # fmt: skip
            assert means["glean"] == pytest.approx(sum(own) / 8)


def test_means_over_fewer_images_compete_with_none_and_stand_last() -> None:
    table = joint(gapped())
    assert table.lines[-1].method == "pulse"
    face, cat = table.splits
    for scores in (table.lines[-1].scores[face],):
        assert all(s.is_partial and not (s.is_best or s.is_second) for s in scores.values())
        assert all(s.interval.n == 4 for s in scores.values())
    assert not any(s.is_partial for s in table.lines[-1].scores[cat].values())
    shown = by_method(table)
    assert shown["PULSE"][0].endswith("(4)")
    assert "(" not in shown["PULSE"][1]
    assert shown["GLEAN"][1] == ""


def test_on_common_images_all_compete() -> None:
    table = joint(gapped(), common=True)
    face = table.splits[0]
    assert table.images[face] == 4
    assert {line.method for line in table.lines if line.is_partial} == set()
    assert all(s.interval.n == 4 for line in table.lines for s in line.scores[face].values())


def test_two_methods_have_no_second_best() -> None:
    table = joint(results(METHODS[:2]))
    assert not any(
        s.is_second
        for line in table.lines
        for found in line.scores.values()
        for s in found.values()
    )


def test_methods_stand_by_their_mean_place() -> None:
    made = results(METHODS, images=8)
    assert [line.method for line in joint(made).lines] == ["glean", "esrgan", "pulse", "bicubic"]
    by_psnr = [line.method for line in joint(made, "psnr_rgb_db").lines]
    assert by_psnr == ["glean", "esrgan", "bicubic", "pulse"]
    (as_run,) = split_tables(analyse(made), tuple(METRICS.values())[:1], None)
    assert [line.method for line in as_run.lines] == list(METHODS)


def test_the_report_has_them_of_several_splits_alone() -> None:
    several, single = analyse(results(METHODS)), analyse(results(METHODS, ["face"]))
    assert [len(tables) for tables in report_tables(several)] == [1, len(several.metrics)]
    assert report_tables(single) == ([], [])


def test_scales_have_tables_of_their_own() -> None:
    small, large = results(METHODS, scale=8), results(METHODS)
    both = replace(small, rows=small.rows + large.rows, cells=small.cells + large.cells)
    analysis = analyse(both)
    found = list(split_tables(analysis, default_columns(analysis), analysis.leading))
    assert [table.scale for table in found] == [8, 16]


def test_operators_side_by_side_are_named() -> None:
    made = results(METHODS)
    other = [replace(row, operator="area#0") for row in made.rows]
    analysis = analyse(replace(made, rows=(*made.rows, *other)))
    found = split_tables(analysis, default_columns(analysis), analysis.leading)
    titles = [texts_of(table).title for table in found]
    assert [title.partition(",")[0] for title in titles] == [
        "16x through matlab-bicubic-x16", "16x through area",
    ]  # fmt: skip


def test_markdown_marks_and_escapes() -> None:
    text = by_split_markdown(texts_of(joint(gapped())), intervals=True)
    lines = [line for line in text.splitlines() if line.startswith("| GLEAN")]
    assert re.search(r"\*\*\d+\.\d\d\*\*", lines[0])
    assert "<br>" in lines[0]
    assert "In parentheses" in text
    strange = by_split_markdown(texts_of(joint(hostile())))
    assert "<script>" not in strange
    assert strange.count("\n| ") == 2 + 1  # head and a line a method, whatever its name


def test_latex_marks_and_escapes() -> None:
    text = by_split_latex(texts_of(joint(gapped())), intervals=True)
    assert r"\textbf{" in text
    assert r"\underline{" in text
    assert r"\scriptsize" in text
    assert text.count(r"\\") == 1 + 2 * len(METHODS)
    strange = by_split_latex(texts_of(joint(hostile())))
    assert HOSTILE not in strange
    assert all(
        line.startswith("%") for line in strange.split(r"\end{table}")[1].strip().splitlines()
    )


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no pdflatex on this machine")
def test_latex_compiles(tmp_path: Path) -> None:
    tables = [
        by_split_latex(texts_of(joint(made)), intervals=True) for made in (gapped(), hostile())
    ]
    head = (
        r"\documentclass{article}\usepackage[landscape,margin=1cm]{geometry}\usepackage{booktabs}"
    )
    document = "\n".join([head, r"\begin{document}", PREAMBLE, *tables, r"\end{document}"])
    (tmp_path / "table.tex").write_text(document)
    done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"],
                          cwd=tmp_path, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A folder that somebody passed on: its rows and what `run.json` says."""
    made, out = gapped(), tmp_path / "run"
    out.mkdir()
    (out / "rows.csv").write_text(rows_csv(made))
    write_run_json(out, made.run)
    return out


def test_the_command_prints_each_format_and_chooses(run: Path, tmp_path: Path) -> None:
    plain = bench_here("table", run)
    assert plain.returncode == 0, plain.stderr
    assert plain.stdout.count("\n| ") == 1 + len(METHODS)
    latex = bench_here("table", run, "--format", "latex", "--columns", "lpips_alex",
                       "--order", "run", "--methods", "glean,bicubic", "--out", tmp_path / "t.tex")  # fmt: skip
    assert (latex.returncode, latex.stdout) == (0, "")
    text = (tmp_path / "t.tex").read_text()
    assert text.index("Bicubic") < text.index("GLEAN")
    assert "PULSE" not in text
    done = bench_here("table", run, "--format", "csv", "--intervals", "--splits", "face", "--each")
    lines = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {line["method"] for line in lines} == set(METHODS)
    assert {"face_psnr_rgb_db_mean", "face_psnr_rgb_db_lo", "face_lpips_alex_n"} <= set(lines[0])


def test_the_command_puts_the_published_order_beside_the_measured_one(run: Path) -> None:
    done = bench_here("table", run, "--published")
    assert done.returncode == 0, done.stderr
    assert "**GLEAN, CVPR 2021**" in done.stdout
    assert "| face, 16x | PSNR (dB) ↑" in done.stdout
    assert "| GLEAN 26.84, ESRGAN+ 26.76" in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--published", "--format", "latex"), "--published is written as Markdown alone"),
        (("--published", "--methods", "bicubic"), "no publication has figures of two methods"),
        (("--columns", "psnr"), "Did you mean 'psnr_rgb_db'"),
        (("--order", "lpips"), "Did you mean"),
        (("--methods", "glaen"), "Did you mean 'glean'"),
        (("--splits", "dog"), "Known: cat, face"),
        (("--scale", "8"), "unknown scale of these results: '8'. Known: 16."),
    ],
)
def test_what_is_not_in_the_results_is_told(words: tuple[str, str], told: str, run: Path) -> None:
    done = bench_here("table", run, *words)
    assert done.returncode == 2
    assert told in done.stderr
