"""The progress of a run on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench.cell import Cell
from bench.progress import Tally
from bench.rows import Row


class LiveBar(Tally):
    """One bar over all images, with the cells at work and the time left."""

    def __init__(self, total: int) -> None:
        super().__init__(total)
        self.working: list[str] = []
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[failures]}", style="red"),
            TimeRemainingColumn(),
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
        self.states[row.state] += 1
        if row.state.is_failure:
            self.progress.console.print(
                f"{cell.title}: {row.image}: {row.state}: {row.reason}", markup=False, style="red"
            )
        self.progress.advance(self.task)
        self.show()

    def cell_finished(self, cell: Cell) -> None:
        if cell.title in self.working:
            self.working.remove(cell.title)
            self.show()

    def show(self) -> None:
        """Bring the bar up to date."""
        text = "; ".join(self.working) or "finishing"
        self.progress.update(self.task, description=text, failures=self.failures.lstrip(", "))
