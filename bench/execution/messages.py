"""What passes between the run and its worker processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from bench.core.rows import RowState
from bench.execution.outstanding import Item
from bench.metrics.scorer import Scoring
from bench.planning.cell import Cell
from bench.results.store import Record


@dataclass(frozen=True)
class Job:
    """A cell, or what is left of it, for one worker process."""

    cell: Cell
    items: tuple[Item, ...]
    metrics: tuple[Scoring, ...]
    out: Path
    cache: Path
    keep_images: bool
    timeout_s: float | None
    threads: int
    machine: str  # digest of the machine that timings belong to
    device: str  # with its number, where the machine has several: cuda:1
    workers: int = 1  # that compute at a time, of which this is one
    batch: int | None = None  # pictures restored at once; None: as many as pay and have room
    # That one picture is restored with, where this machine was measured before; None: to measure.
    threads_alone: int | None = None
    warm_up: bool = True  # False once it was found not to end
    # Metrics that took a worker with them, by column, and why they are not tried again.
    given_up: Mapping[str, str] = field(default_factory=dict)
    truths: Path | None = None  # where metrics share what they compute of the truth alone


class Phase(Enum):
    """Whose code runs, as a reason names it; `{column}` is the metric's."""

    SETTING_UP_METRIC = "setting up the metric {column}"
    LOADING = "loading the method (setup)"
    WARMING_UP = "warming up the method"
    COMPILING = "compiling the networks (--compile)"
    CALIBRATING = "calibrating the timings"
    READING = "reading the picture"
    RESTORING = "the restoration"
    KEEPING = "keeping the picture"
    SCORING = "scoring by {column}"


@dataclass(frozen=True)
class Entered:
    """The worker begins with that."""

    phase: Phase
    column: str = ""  # of the metric at work
    pictures: int = 1  # that it works on at once: what goes wrong may be any one's fault

    def __str__(self) -> str:
        return self.phase.value.format(column=self.column)


@dataclass(frozen=True)
class Loaded:
    """The method is ready; `facts` were measured once for the cell."""

    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Refused:
    """The method could not be set up: no picture of the cell can be restored."""

    state: RowState
    reason: str


@dataclass(frozen=True)
class Kept:
    """A picture is restored and on the disk: whatever its scoring does, that need not be redone."""

    record: Record


@dataclass(frozen=True)
class Finished:
    """A picture's row is ready."""

    record: Record


@dataclass(frozen=True)
class Stopped:
    """The results folder cannot be written: the run cannot go on."""

    message: str


Message = Entered | Loaded | Refused | Kept | Finished | Stopped
