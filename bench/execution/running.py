"""A cell at work, or a part of one, and the worker that works on it."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

from bench.core.rows import RowState
from bench.execution.messages import Entered, Job, Message, Phase
from bench.results.store import Record

START_UP_S = 120.0  # what a worker may take to start, and the most that loading usually does
GRACE_S = 5.0  # beyond the time limit, for what is no restoration


class Worker(ABC):
    """A process that works on a job: what it tells, and how it ends."""

    # True while it has not begun for want of a free machine: no time limit runs.
    is_queued = False

    @abstractmethod
    def messages(self) -> Iterator[Message]:
        """Those that have come since the last call, without waiting for more."""

    @property
    @abstractmethod
    def has_ended(self) -> bool:
        """Whether no further message will come."""

    @abstractmethod
    def cause_of_death(self) -> tuple[RowState, str]:
        """Why it ended with work left, as the state and reason of a row."""

    @property
    def was_killed(self) -> bool:
        """Whether something else than its own work ended it: the system, a person, a lost node."""
        return False

    @abstractmethod
    def stop(self, patience_s: float = 0.0) -> None:
        """End it, at once or when it has had that long to end by itself."""


class Running:
    """A cell, or a part of one: its worker, what is left of it, and what is not yet on the disk."""

    def __init__(self, job: Job, launch: Callable[[Job], Worker], claim: ExitStack) -> None:
        """claim: what is to end when the work on the cell does, one for all its parts."""
        self.job = job  # changes only by what was given up of it
        self.claim = claim
        self.launch = launch
        self.left = deque(job.items)
        self.unsaved: list[Record] = []
        self.saved_at = time.monotonic()
        self.losses = 0  # of pictures, in a row
        self.losses_by: Counter[str] = Counter()  # of workers in a row, by metric
        self.kept: dict[str, Record] = {}  # of pictures that are restored, by their hash
        self.start_worker()

    def start_worker(self) -> None:
        """Begin, or begin again, with the pictures that are left: none is restored twice."""
        for place, item in enumerate(self.left):
            if record := self.kept.pop(item.picture.sha256, None):
                self.left[place] = replace(item, restored_before=record)
        self.worker = self.launch(replace(self.job, items=tuple(self.left)))
        self.at: Entered | None = None  # None: at work of the engine's own
        self.is_beside_others = False  # whether another run is at work beside the restoration
        self.since = time.monotonic()

    @property
    def doing(self) -> str:
        """What the worker is at, for a reason."""
        return str(self.at) if self.at else "starting the worker"

    def limit_s(self) -> float | None:
        """Seconds that what the worker is at may take; None: any.

        What serves all pictures, loading, may take the limit of each, but no longer than is
        usual, so that no picture costs more than its limit and a few seconds, whatever hangs.
        """
        one = self.job.timeout_s
        if one is None or self.worker.is_queued:
            return None
        match self.at.phase if self.at else None:
            case Phase.RESTORING:
                return one * (self.at.pictures if self.at else 1)
            case Phase.WARMING_UP | Phase.SCORING:
                return one + GRACE_S
            case Phase.LOADING | Phase.SETTING_UP_METRIC:
                return max(one, min(one * len(self.job.items), START_UP_S)) + GRACE_S
            case _:
                return one + START_UP_S

    def overdue(self) -> str:
        """Why the worker is to be ended: what took too long; "" while nothing has."""
        limit = self.limit_s()
        if limit is None or time.monotonic() - self.since <= limit:
            return ""
        told = f"{self.doing} took longer than {limit:g} s"
        return told if limit == self.job.timeout_s else f"{told} (--timeout {self.job.timeout_s:g})"
