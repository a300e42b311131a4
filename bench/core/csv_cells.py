"""Cells of CSV files that no spreadsheet takes for a formula, and that are read back as they were.

Excel, LibreOffice and Google Sheets compute a cell that begins with `=`, `+`, `-`, `@` or a tab,
and names of pictures, reasons and plans of strangers may begin so (OWASP, "CSV Injection"). Such
text gets an apostrophe in front, as those programs write it themselves; numbers stay numbers.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Lines = csv.DictReader[str]
else:
    Lines = csv.DictReader  # which is generic in its stubs alone

FORMULA = re.compile(r"'*[=+\-@\t\n]")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(inf|nan)", re.IGNORECASE)


def guarded(value: object) -> object:
    """The cell to write; lines in it end by newlines alone, as readers end one at a carriage
    return that no quotes protect, and writers protect newlines only."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """The text of which `guarded` made the cell."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


class Reader(Lines):
    """Lines by column, as they were before they were written."""

    def __init__(self, lines: Iterable[str], *, strict: bool = False) -> None:
        super().__init__(lines, strict=strict)
        if self.fieldnames is not None:
            self.fieldnames = [unguarded(name) for name in self.fieldnames]

    def __next__(self) -> dict[str, str]:
        line = super().__next__()
        return {k: unguarded(v) if isinstance(v, str) else v for k, v in line.items()}
