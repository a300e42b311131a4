"""Methods by splits as Markdown: the best mean bold, the second best in italics."""

from __future__ import annotations

from bench.report.formats import NOTHING, TIED
from bench.report.tables.by_split import Piece, SplitCell, SplitTexts
from bench.report.tables.markup import escape, in_table, pipe_table


def by_split_markdown(shown: SplitTexts, *, intervals: bool = False) -> str:
    """The table under its title, and how to read it."""
    head = ["method", *map(in_table, shown.splits)]
    body = [
        [in_table(name), *(cell_text(cell, intervals=intervals) for cell in cells)]
        for name, cells in shown.rows
    ]
    note = " ".join(("Bold: the best mean; italics: the second best.", *shown.remarks))
    return f"**{escape(shown.title)}**\n\n{pipe_table(head, body)}\n\n{escape(note)}"


def cell_text(cell: SplitCell, *, intervals: bool) -> str:
    """Such as `22.60° / **0.1770**`; with intervals, these on a line of their own."""
    if not cell.pieces:
        return NOTHING
    text = " / ".join(map(piece_text, cell.pieces))
    if intervals and any(piece.interval for piece in cell.pieces):
        below = " / ".join(piece.interval or NOTHING for piece in cell.pieces)
        text += f"<br>{in_table(below)}"
    return f"{text} {cell.images}".rstrip()


def piece_text(piece: Piece) -> str:
    """One mean with its marks."""
    marked = in_table(piece.text)
    if piece.is_best:
        marked = f"**{marked}**"
    elif piece.is_second:
        marked = f"*{marked}*"
    return marked + TIED * piece.is_tied
