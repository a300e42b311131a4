"""How a run goes, told while it goes: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.cli.progress.pace import Pace
from bench.cli.progress.tally import Tally, duration
from bench.core.rows import Row
from bench.execution.executor import Listener
from bench.planning.cell import Cell
from bench.runs.runner import Runner

PLAIN_EVERY_S = 30.0


@contextmanager
def progress_listener(runner: Runner) -> Iterator[Listener]:
    """A listener that suits where standard error goes."""
    cells = [(cell, len(runner.left(cell))) for cell in runner.cells]
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
