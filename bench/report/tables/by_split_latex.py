"""Methods by splits as LaTeX with booktabs: the best mean bold, the second best underlined."""

from __future__ import annotations

from collections.abc import Iterator

from bench.report.formats import NOTHING, TIED, plain
from bench.report.tables.by_split import Piece, SplitCell, SplitTexts
from bench.report.tables.latex_markup import escape, row

PREAMBLE = r"""% Needs \usepackage{booktabs}; Unicode names need lualatex or a recent pdflatex.
% Bold: the best mean. Underlined: the second best."""


def by_split_latex(shown: SplitTexts, *, intervals: bool = False) -> str:
    """The table, ready to paste; what to know of it stands below as comments."""
    return "\n".join(lines_of(shown, intervals=intervals))


def lines_of(shown: SplitTexts, *, intervals: bool) -> Iterator[str]:
    """Its lines."""
    yield r"\begin{table}[t]"
    yield r"\centering"
    yield rf"\caption{{{escape(shown.title)}.}}"
    yield rf"\begin{{tabular}}{{l{'r' * len(shown.splits)}}}"
    yield r"\toprule"
    yield row(["Method", *map(escape, shown.splits)])
    yield r"\midrule"
    for name, cells in shown.rows:
        yield row([escape(name), *map(means_text, cells)])
        if intervals and any(piece.interval for cell in cells for piece in cell.pieces):
            yield row(["", *map(intervals_text, cells)])
    yield r"\bottomrule"
    yield r"\end{tabular}"
    yield r"\end{table}"
    for note in (*shown.remarks, *(f"{head}: {protocol}" for head, protocol in shown.protocols)):
        yield f"% {plain(note)}"


def means_text(cell: SplitCell) -> str:
    """Such as `22.60$^{\\circ}$ / \\textbf{0.1770}`."""
    if not cell.pieces:
        return escape(NOTHING)
    return f"{' / '.join(map(piece_text, cell.pieces))} {escape(cell.images)}".rstrip()


def intervals_text(cell: SplitCell) -> str:
    """The intervals of the means above, in small print."""
    below = " / ".join(piece.interval or NOTHING for piece in cell.pieces)
    return rf"{{\scriptsize {escape(below)}}}" if cell.pieces else ""


def piece_text(piece: Piece) -> str:
    """One mean with its marks."""
    marked = escape(piece.text)
    if piece.is_best:
        marked = rf"\textbf{{{marked}}}"
    elif piece.is_second:
        marked = rf"\underline{{{marked}}}"
    return marked + (escape(TIED) if piece.is_tied else "")
