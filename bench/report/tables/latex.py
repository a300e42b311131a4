"""`summary.tex`: the tables as papers have them, ready to paste."""

from __future__ import annotations

from collections.abc import Iterator

from bench.analysis.analysis import Analysis
from bench.report.conditions import suite_title
from bench.report.formats import plain
from bench.report.tables.by_split import report_tables, texts_of
from bench.report.tables.by_split_latex import by_split_latex
from bench.report.tables.latex_markup import escape, row
from bench.report.tables.summary_table import Cell, SummaryTable, summary_table

PREAMBLE = r"""% Needs \usepackage{booktabs}; Unicode names need lualatex or a recent pdflatex.
% Bold: the best mean; underlined, where all splits stand in one table: the second best. A circle:
% not told apart from the best (Wilcoxon signed-rank test, Holm's correction over all pairs of
% methods in the column, 5%)."""


def summary_latex(analysis: Analysis) -> str:
    """All splits in one table, the same for each metric, then a table for each split and scale,
    and one more over the common images where the methods did not restore the same."""
    parts = [f"% {plain(suite_title(analysis.results))}", PREAMBLE]
    for tables in report_tables(analysis):
        parts += (by_split_latex(texts_of(table)) for table in tables)
    for table in analysis.tables:
        shown = summary_table(table.whole)
        parts.append("\n".join(latex_table(shown, shown.title)))
        if not table.common.is_whole:
            shown = summary_table(table.common.lineup)
            title = f"{shown.title}, on the {table.common.images} images that all of these restored"
            parts.append("\n".join(latex_table(shown, title)))
    if not analysis.tables:
        parts.append("% Nothing was measured.")
    return "\n\n".join(parts) + "\n"


def latex_table(shown: SummaryTable, title: str) -> Iterator[str]:
    """One table, best method first: means, latency and how many images they are over."""
    headers = ["Method", *(header.text for header in shown.headers), "latency", "images"]
    yield r"\begin{table}[t]"
    yield r"\centering"
    yield rf"\caption{{{escape(title)}.}}"
    yield rf"\begin{{tabular}}{{l{'r' * (len(headers) - 1)}}}"
    yield r"\toprule"
    yield row(map(escape, headers))
    yield r"\midrule"
    for name, scores, costs in shown.rows:
        latency, images = escape(costs[0].text), escape(costs[-1].text)
        yield row([escape(name), *map(cell_text, scores), latency, images])
    yield r"\bottomrule"
    yield r"\end{tabular}"
    yield r"\end{table}"
    for header in shown.headers:
        yield f"% {plain(header.text)}: {plain(header.protocol)}"
    for doubt in shown.doubts:
        yield f"% {plain(doubt)}"
    for note in shown.timing:
        yield f"% {plain(note)}"
    yield f"% Input: {plain(shown.operator)}"


def cell_text(cell: Cell) -> str:
    """The mean: bold if it is the best, with a circle if it ties with that."""
    text = escape(cell.text)
    if cell.is_best:
        return rf"\textbf{{{text}}}"
    if cell.is_partial:
        return text + escape("†")
    return text + escape("°") if cell.is_tied else text
