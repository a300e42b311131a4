"""Live progress of a training: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from bench.training.reporter import Reporter

REFRESH_S = 0.5
PLAIN_EVERY_S = 30.0


@contextmanager
def reporter(title: str) -> Iterator[Reporter]:
    """The reporter that suits where standard error goes."""
    if sys.stderr.isatty():
        with LiveBar(title) as bar:
            yield bar
    else:
        yield PlainLines(title)


class PlainLines:
    """A line every half minute, and one a checkpoint."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.spoke = time.monotonic()

    def step(
        self, images: int, speed: float, losses: Mapping[str, float], done: float, left_s: float
    ) -> None:
        if time.monotonic() - self.spoke > PLAIN_EVERY_S:
            self.say(f"{done:4.0%} {described(images, speed, losses, left_s)}")

    def say(self, text: str) -> None:
        self.spoke = time.monotonic()
        print(f"{self.title}: {text}", file=sys.stderr, flush=True)  # noqa: T201


class LiveBar:
    """One bar over the budget."""

    def __init__(self, title: str) -> None:
        self.progress = Progress(
            TextColumn(title),
            BarColumn(),
            TextColumn("{task.percentage:.0f}%"),
            TextColumn("{task.description}"),
            console=Console(stderr=True),
        )
        self.task = self.progress.add_task("starting", total=1.0)
        self.drawn = 0.0

    def __enter__(self) -> LiveBar:
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def step(
        self, images: int, speed: float, losses: Mapping[str, float], done: float, left_s: float
    ) -> None:
        if time.monotonic() - self.drawn > REFRESH_S:
            self.drawn = time.monotonic()
            text = described(images, speed, losses, left_s)
            self.progress.update(self.task, completed=done, description=text)

    def say(self, text: str) -> None:
        self.progress.console.print(text, markup=False, highlight=False)


def described(images: int, speed: float, losses: Mapping[str, float], left_s: float) -> str:
    """Such as `12,000 images, 9.1 a second, generator 0.31, 41 min left`."""
    terms = ", ".join(f"{name} {value:.3g}" for name, value in losses.items())
    left = f"{left_s:.0f} s" if left_s < 90 else f"{left_s / 60:.0f} min"
    return f"{images:,} images, {speed:.1f} a second, {terms}, {left} left"
