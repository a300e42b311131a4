"""How long the rest of a run takes: every method at its own pace.

The mean of all pictures so far says nothing of those to come where bicubic takes a millisecond
and a search takes minutes. A method that has restored nothing yet has no pace: then what is known
is told as the least.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.planning.cell import Cell

Kind = tuple[str, int, tuple[int, int]]  # method, factor and size: what a picture takes hangs on


@dataclass
class AtWork:
    """A cell that has begun."""

    began: float
    first: float | None = None  # when its first picture was done: loading lies before
    done: int = 0

    def seconds(self, now: float) -> float:
        """A picture's, so far."""
        if self.first is not None and self.done > 1:
            return (now - self.first) / (self.done - 1)
        return now - self.began


@dataclass
class Pace:
    """Pictures that are left, and what each takes."""

    workers: int
    left: Counter[Kind] = field(default_factory=Counter)
    seconds: dict[Kind, float] = field(default_factory=dict)
    working: dict[str, AtWork] = field(default_factory=dict)

    @classmethod
    def of(cls, cells: Iterable[tuple[Cell, int]], workers: int) -> Pace:
        """That of a run with so many pictures left in each cell."""
        pace = cls(workers)
        for cell, count in cells:
            pace.left[kind_of(cell)] += count
        return pace

    def begin(self, cell: Cell) -> None:
        """Work on a cell begins."""
        self.working[cell.key] = AtWork(time.monotonic())

    def count(self, cell: Cell) -> None:
        """One of its pictures is done."""
        now, kind = time.monotonic(), kind_of(cell)
        self.left[kind] = max(self.left[kind] - 1, 0)
        if at_work := self.working.get(cell.key):
            at_work.done += 1
            self.seconds[kind] = at_work.seconds(now)
            at_work.first = at_work.first or now

    def estimate(self) -> tuple[float, list[str]]:
        """Seconds for what has a pace, and the methods that have none yet."""
        left = {kind: count for kind, count in self.left.items() if count}
        total = sum(
            count * self.seconds[kind] for kind, count in left.items() if kind in self.seconds
        )
        unknown = dict.fromkeys(kind[0] for kind in left if kind not in self.seconds)
        at_a_time = max(1, min(self.workers, len(left)))
        return total / at_a_time, list(unknown)


def kind_of(cell: Cell) -> Kind:
    """What its pictures have in common."""
    return cell.method.label, cell.scale, cell.split.size
