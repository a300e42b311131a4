"""LaTeX made of text of strangers: rows of tables, and everything else escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.report.formats import plain

ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': "''",
    "`": "{`}", "-": "-{}", "[": "{[}", "]": "{]}",
    "*": "{*}", "†": r"$^{\dagger}$", "‡": r"$^{\ddagger}$",
    "°": r"$^{\circ}$", "§": r"\S{}", "–": "--", "−": "$-$", "↑": r"$\uparrow$",
    "↓": r"$\downarrow$", "µ": r"$\mu$", "±": r"$\pm$", "·": r"$\cdot$",
}  # fmt: skip


def row(cells: Iterator[str] | Sequence[str]) -> str:
    """The cells as a row."""
    return f"{' & '.join(cells)} \\\\"


def escape(text: str) -> str:
    """Text of strangers as text: no command, no comment, no line break, nothing unprintable."""
    return "".join(ESCAPES.get(c, c) for c in plain(text))
