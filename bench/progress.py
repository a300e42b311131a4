"""How a run goes, told while it goes: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from bench.core.rows import Row, RowState
from bench.execution.executor import Listener
from bench.pace import Pace
from bench.planning.cell import Cell
from bench.runs.runner import Runner

PLAIN_EVERY_S = 30.0


@contextmanager
def progress_listener(runner: Runner) -> Iterator[Listener]:
    """A listener that suits where standard error goes."""
    cells = [(p.cell, len(runner.left(p.cell))) for p in runner.plan.cells if p.absent is None]
    total = sum(count for _, count in cells)
    pace = Pace.of(cells, runner.workers)
    if not total:
        yield PlainLines(0, pace)
    elif sys.stderr.isatty():
        from bench.cli.progress.live import LiveBar

        with LiveBar(total, pace) as bar:
            yield bar
    else:
        yield PlainLines(total, pace)


class Tally:
    """Counts that both kinds of progress tell, and what is worth a line of its own."""

    def __init__(self, total: int, pace: Pace) -> None:
        self.total = total
        self.pace = pace
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
        self.pace.count(cell)
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


class PlainLines(Tally):
    """A line when a cell begins and ends, and one every half minute between."""

    def __init__(self, total: int, pace: Pace) -> None:
        super().__init__(total, pace)
        self.spoke = time.monotonic()

    def cell_started(self, cell: Cell, left: int) -> None:
        if left:
            self.pace.begin(cell)
            self.say(f"{cell.title}: {left} images to go")

    def row_finished(self, cell: Cell, row: Row) -> None:
        if failure := self.count(cell, row):
            self.say(failure)
        elif time.monotonic() - self.spoke > PLAIN_EVERY_S:
            seconds, unknown = self.pace.estimate()
            rest = f", and {', '.join(unknown)}, not timed yet" if unknown else ""
            self.say(f"{cell.title}: about {duration(seconds)} left{rest}")

    def cell_finished(self, cell: Cell) -> None:
        for line in self.repeats(cell):
            self.say(line)
        self.say(f"{cell.title}: finished")

    def say(self, text: str) -> None:
        """One line on standard error."""
        self.spoke = time.monotonic()
        print(f"[{self.done}/{self.total}{self.failures}] {text}", file=sys.stderr, flush=True)  # noqa: T201


def duration(seconds: float) -> str:
    """Such as `50 s`, `12 min` or `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
