"""What a results folder shows: CSV, Markdown and LaTeX tables, plots, grids and the page."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from bench.core.code_version import files_digest
from bench.core.files import write_text
from bench.core.garbage import uncollected
from bench.core.paths import PACKAGE, data_dir
from bench.results.results import Results

__all__ = ["is_current", "write"]

TABLES = ("rows.csv", "budgets.csv", "summary.csv", "pairs.csv", "summary.md", "summary.tex")
PAGE = "report.html"
# The code of a report: a change there makes another page of the same results.
MADE_BY = ("stats", "metrics/facts.py", "metrics/registry.py", "results", "analysis", "report")
MARK = ".shown"  # the hash of the results that the folder shows, and of the code that did


def write(results: Results, out: Path, images: Path | None, *, shown: int | None = None) -> None:
    """Write every table, plot and the page of the results into `out`, each whole or not at all.

    images: the folder <split>/<image>/{truth,input,<method>}.png, which may be absent.
    shown: how many images of each table the page shows, where it is to be small; None: all.
    Raises `DiskError` if `out` cannot be written.
    """
    with uncollected():
        write_all(results, out, images, shown)


def write_all(results: Results, out: Path, images: Path | None, shown: int | None) -> None:
    """`write`, which says what."""
    # Matplotlib and scipy take longer to import than a run with nothing to do should last.
    from bench.analysis.analysis import analyse  # noqa: PLC0415
    from bench.analysis.csv_lines import pair_lines, summary_lines  # noqa: PLC0415
    from bench.report.page import render_page  # noqa: PLC0415
    from bench.report.pictures.examples import examples_of  # noqa: PLC0415
    from bench.report.pictures.grids import draw_grids  # noqa: PLC0415
    from bench.report.plots.figures import draw_plots  # noqa: PLC0415
    from bench.report.tables.latex import summary_latex  # noqa: PLC0415
    from bench.report.tables.markdown import summary_markdown  # noqa: PLC0415
    from bench.results.budgets_csv import budgets_csv  # noqa: PLC0415
    from bench.results.factors_csv import factors_csv  # noqa: PLC0415
    from bench.results.pairs_csv import pairs_csv  # noqa: PLC0415
    from bench.results.rows_csv import rows_csv  # noqa: PLC0415
    from bench.results.summary_csv import summary_csv  # noqa: PLC0415

    drawn_from = report_digest(results)
    analysis = analyse(results)
    write_text(out / "rows.csv", rows_csv(results))
    write_text(out / "budgets.csv", budgets_csv(results))
    write_text(out / "summary.csv", summary_csv(results, summary_lines(analysis.lines)))
    write_text(out / "pairs.csv", pairs_csv(pair_lines(analysis.lines)))
    if analysis.results.factors:
        write_text(out / "factors.csv", factors_csv(analysis.results.factors))
    else:
        (out / "factors.csv").unlink(missing_ok=True)
    write_text(out / "summary.md", summary_markdown(analysis))
    write_text(out / "summary.tex", summary_latex(analysis))
    pictures = examples_of(analysis, images)
    plots = draw_plots(analysis, out / "plots")
    grids = draw_grids(analysis, pictures, out / "plots")
    names = [*plots, *(path.stem for path in grids)]
    of_page = {table: examples[:shown] for table, examples in pictures.items()}
    write_text(out / PAGE, render_page(analysis, of_page, names, out))
    write_text(out / MARK, drawn_from)


def is_current(results: Results, out: Path) -> bool:
    """Whether `out` shows these very results already, so that nothing need be drawn again."""
    mark = out / MARK  # written last
    is_whole = all((out / name).is_file() for name in (*TABLES, PAGE, MARK))
    return is_whole and mark.read_text(encoding="utf-8") == report_digest(results)


def report_digest(results: Results) -> str:
    """Hash of all that was measured and of what shows it; when and by which command it was
    measured is no part of it."""
    figures = data_dir("reports") / "published"
    made_by = files_digest([*(PACKAGE / name for name in MADE_BY), figures])
    shown = f"{made_by}\n{replace(results, run={})!r}"
    return hashlib.sha256(shown.encode()).hexdigest()
