"""How a download goes, told while it goes: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from bench.weights.download import Listener

LINE_EVERY_S = 10.0


@contextmanager
def meter(name: str) -> Iterator[Listener]:
    """A listener that suits where standard error goes."""
    if not sys.stderr.isatty():
        yield Lines(name)
        return
    columns = (
        *(TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn()),
        *(TransferSpeedColumn(), TimeRemainingColumn()),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(name, progress)


class Bar:
    """Rich's bar, with size, speed and the time left."""

    def __init__(self, name: str, progress: Progress) -> None:
        self.progress = progress
        self.task = progress.add_task(name, total=None)

    def at(self, done: int, total: int | None) -> None:
        self.progress.update(self.task, completed=done, total=total)

    def say(self, text: str) -> None:
        self.progress.console.print(text, markup=False)


class Lines:
    """A line every ten seconds."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.spoke = time.monotonic()

    def at(self, done: int, total: int | None) -> None:
        if time.monotonic() - self.spoke > LINE_EVERY_S:
            share = f" of {megabytes(total)}, {done / total:.0%}" if total else ""
            self.say(f"{megabytes(done)}{share}")

    def say(self, text: str) -> None:
        self.spoke = time.monotonic()
        print(f"{self.name}: {text}", file=sys.stderr, flush=True)  # noqa: T201


def megabytes(count: int) -> str:
    """Such as `12.3 MB`."""
    return f"{count / 1e6:.1f} MB"
