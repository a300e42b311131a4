"""A cell at work, and the worker that works on it."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

from bench.core.rows import RowState
from bench.execution.messages import Job, Message
from bench.execution.outstanding import Item
from bench.results.store import Record

START_UP_S = 120.0  # a worker may take this long to start and load, beyond the time limit


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

    @abstractmethod
    def stop(self, patience_s: float = 0.0) -> None:
        """End it, at once or when it has had that long to end by itself."""


class Running:
    """A cell at work: its worker, what is left of it, and what is not yet on the disk."""

    def __init__(self, job: Job, claim: ExitStack, launch: Callable[[Job], Worker]) -> None:
        self.job = job
        self.claim = claim
        self.launch = launch
        self.left = deque(job.items)
        self.unsaved: list[Record] = []
        self.saved_at = time.monotonic()
        self.losses = 0
        self.start_worker()

    def start_worker(self) -> None:
        """Begin, or begin again, with the pictures that are left."""
        self.worker = self.launch(replace(self.job, items=tuple(self.left)))
        self.current: Item | None = None
        self.since = time.monotonic()

    def overdue(self) -> bool:
        """Whether the picture at work, or loading, has taken longer than it may."""
        limit = self.job.timeout_s
        if limit is None or self.worker.is_queued:
            return False
        allowance = START_UP_S if self.current is None else 0.0
        return time.monotonic() - self.since > limit + allowance
