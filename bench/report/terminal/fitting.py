"""Tables that fit the terminal: fewer columns first, then shorter names."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

GAP = 2  # spaces between columns
PADDING = 2  # letters by which tabulate makes a column wider than its header
SHORTEST_NAME = 12


def terminal_width() -> int | None:
    """Letters in a line; None where standard output is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def fitted(
    heads: list[str], rows: list[list[str]], order: Sequence[int], width: int | None
) -> tuple[list[str], list[list[str]], list[str]]:
    """The table in so many letters, and the headers of the columns that had to go for it.

    order: the columns, the last of which goes first. Where only the first is left, names are cut.
    """
    kept, going = set(range(len(heads))), list(order)
    left_out: list[str] = []

    def letters(column: int) -> int:
        return max(len(heads[column]) + PADDING, *(len(row[column]) for row in rows))

    def wide() -> bool:
        return width is not None and sum(map(letters, kept)) + GAP * (len(kept) - 1) > width

    while wide() and len(going) > 1:
        kept.remove(last := going.pop())
        left_out.insert(0, heads[last])
    if width is not None and wide():
        room = max(SHORTEST_NAME, width - GAP - letters(going[0]))
        rows = [[shortened(row[0], room), *row[1:]] for row in rows]
    columns = sorted(kept)
    return [heads[i] for i in columns], [[row[i] for i in columns] for row in rows], left_out


def shortened(name: str, room: int) -> str:
    """The name in so many letters: its beginning and its end, which variants differ in."""
    if len(name) <= room:
        return name
    end = (room - 1) // 2
    return f"{name[: room - 1 - end]}…{name[len(name) - end :]}"
