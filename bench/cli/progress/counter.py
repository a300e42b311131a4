"""How many of many are done, told while they are: a bar on a terminal, a line now and then
elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

LINE_EVERY_S = 15.0
Counter = Callable[[], None]  # called when one more is done


@contextmanager
def counter(name: str, total: int, done: int = 0) -> Iterator[Counter]:
    """A counter that suits where standard error goes; `done` were done before."""
    if not sys.stderr.isatty():
        yield Lines(name, total, done).advance
        return
    # A tenth of a second, which a script need not wait for.
    from rich import progress as rich_progress
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    columns = (
        *(TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()),
        *(TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), TextColumn("left")),
    )
    console = Console(stderr=True)
    with rich_progress.Progress(*columns, console=console, transient=True) as progress:
        yield Bar(progress, name, total, done).advance


class Speed:
    """Counts, and the rate since the start."""

    def __init__(self, total: int, done: int) -> None:
        self.total, self.done, self.before = total, done, done
        self.began = time.monotonic()

    @property
    def rate(self) -> float:
        """How many a second, none of those done before."""
        return (self.done - self.before) / max(time.monotonic() - self.began, 1e-9)


class Bar(Speed):
    """Rich's bar, with rate and time left."""

    def __init__(self, progress: Progress, name: str, total: int, done: int) -> None:
        super().__init__(total, done)
        self.progress = progress
        self.task = progress.add_task(name, total=total, completed=done, rate="")

    def advance(self) -> None:
        self.done += 1
        self.progress.update(self.task, advance=1, rate=f"{self.rate:.2f} a second")


class Lines(Speed):
    """A line every quarter of a minute."""

    def __init__(self, name: str, total: int, done: int) -> None:
        super().__init__(total, done)
        self.name, self.spoke = name, self.began

    def advance(self) -> None:
        self.done += 1
        if time.monotonic() - self.spoke > LINE_EVERY_S:
            self.spoke = time.monotonic()
            left_s = (self.total - self.done) / self.rate
            left = f"{left_s:.0f} s" if left_s < 90 else f"{left_s / 60:.0f} min"
            text = f"{self.done} of {self.total}, {self.rate:.2f} a second, {left} left"
            print(f"{self.name}: {text}", file=sys.stderr, flush=True)  # noqa: T201
