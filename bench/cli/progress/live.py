"""The progress of a run on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench.cli.progress.tally import Tally
from bench.core.rows import Row
from bench.planning.cell import Cell


class LiveBar(Tally):
    """One bar over all images, with the cells at work and the time left."""

    def __init__(self, total: int) -> None:
        super().__init__(total)
        self.working: list[str] = []
        self.progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[failures]}", style="red"),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=Console(stderr=True),
        )
        self.task = self.progress.add_task("starting", total=total, failures="")

    def __enter__(self) -> LiveBar:
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def cell_started(self, cell: Cell, left: int) -> None:
        if left:
            self.working.append(cell.title)
            self.show()

    def row_finished(self, cell: Cell, row: Row) -> None:
        if failure := self.count(cell, row):
            self.say(failure)
        self.progress.advance(self.task)
        self.show()

    def cell_finished(self, cell: Cell) -> None:
        for line in self.repeats(cell):
            self.say(line)
        if cell.title in self.working:
            self.working.remove(cell.title)
            self.show()

    def say(self, text: str) -> None:
        """A line above the bar, which stays."""
        self.progress.console.print(text, markup=False, highlight=False, style="red")

    def show(self) -> None:
        """Bring the bar up to date."""
        doing = "drawing tables, plots and the page" if self.done == self.total else "starting"
        if self.working:
            others = len(self.working) - 1
            doing = self.working[0] + (f" and {others} more" if others else "")
        self.progress.update(self.task, description=doing, failures=self.failures.lstrip(", "))
