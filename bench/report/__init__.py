"""What a results folder shows: CSV, Markdown and LaTeX tables, plots, grids and the page."""

from __future__ import annotations

from pathlib import Path

from bench.files import write_text
from bench.report.budgets import budgets_csv
from bench.report.csvs import pairs_csv, rows_csv, summary_csv
from bench.report.curves import read_curves
from bench.report.grids import draw_grids
from bench.report.latex import summary_latex
from bench.report.markdown import summary_markdown
from bench.report.page import render_page
from bench.report.plots import draw_plots
from bench.results import Results
from bench.summary import summarise

__all__ = ["is_current", "write"]


def write(results: Results, out: Path, images: Path | None) -> None:
    """Write every table, plot and the page of the results into `out`, each whole or not at all.

    images: the folder <split>/<image>/{truth,input,<method>}.png, which may be absent.
    Raises `DiskError` if `out` cannot be written.
    """
    lines = summarise(results)
    write_text(out / "rows.csv", rows_csv(results))
    write_text(out / "budgets.csv", budgets_csv(results))
    write_text(out / "summary.csv", summary_csv(results, lines))
    write_text(out / "pairs.csv", pairs_csv(lines))
    write_text(out / "summary.md", summary_markdown(results, lines))
    write_text(out / "summary.tex", summary_latex(results, lines))
    curves = read_curves(out / "budgets.csv", results.metrics)
    plots = draw_plots(results, lines, curves, out / "plots")
    grids = draw_grids(results, lines, out / "plots", images)
    names = [*plots, *(path.stem for path in grids)]
    write_text(out / "report.html", render_page(results, lines, curves, names, images, out))


def is_current(results: Results, out: Path) -> bool:
    """Whether `out` shows these very rows already, so that nothing need be drawn again."""
    rows, page = out / "rows.csv", out / "report.html"  # the first and the last that are written
    if not (rows.is_file() and page.is_file()):
        return False
    in_order = rows.stat().st_mtime_ns <= page.stat().st_mtime_ns
    return in_order and rows.read_text(encoding="utf-8") == rows_csv(results)
