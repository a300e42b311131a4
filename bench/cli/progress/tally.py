"""What is counted of a run while it goes."""

from __future__ import annotations

from collections import Counter

from bench.core.rows import Row, RowState
from bench.planning.cell import Cell


class Tally:
    """Counts that both kinds of progress tell, and what is worth a line of its own."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.states: Counter[RowState] = Counter()
        self.told: Counter[tuple[str, str]] = Counter()  # cell and reason to rows

    @property
    def done(self) -> int:
        return self.states.total()

    @property
    def failures(self) -> str:
        failed = sum(count for state, count in self.states.items() if state.is_failure)
        return f", {failed} failed" if failed else ""

    def count(self, cell: Cell, row: Row) -> str | None:
        """Count the row in. A line that tells of its failure, for the first of each reason."""
        self.states[row.state] += 1
        if not row.state.is_failure:
            return None
        self.told[cell.key, row.reason] += 1
        if self.told[cell.key, row.reason] > 1:
            return None
        return f"{cell.title}: {row.image}: {row.state}: {row.reason}"

    def repeats(self, cell: Cell) -> list[str]:
        """Lines that tell how many rows of a finished cell failed like one that was told."""
        return [
            f"{cell.title}: {count - 1} more like it: {reason}"
            for (key, reason), count in self.told.items()
            if key == cell.key and count > 1
        ]


def duration(seconds: float) -> str:
    """Such as `50 s`, `12 min` or `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
