"""A row: one image in one cell, and the coordinates that name it. It exists whatever happens."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

# How the reason of a row that is ok begins where values of its picture had to be clipped.
OUT_OF_RANGE = "out of range"


class RowState(StrEnum):
    """How the restoration of an image ended."""

    OK = "ok"
    FAILED = "failed"  # an error, a wrong shape, a value that is no number
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out-of-memory"
    UNAVAILABLE = "unavailable"  # weights or extras are missing: the reason names the command
    NOT_APPLICABLE = "not-applicable"  # impossible by nature, as the reason says

    @property
    def is_failure(self) -> bool:
        """True of what the method did wrong; not of what could not be tried."""
        return self in (RowState.FAILED, RowState.TIMEOUT, RowState.OUT_OF_MEMORY)


class TableKey(NamedTuple):
    """What rows that may be compared have in common."""

    split: str
    scale: int
    operator: str  # name#digest

    @property
    def title(self) -> str:
        """Such as `face, 16x`."""
        return f"{self.split}, {self.scale}x"


class Subject(NamedTuple):
    """A method on a split at a scale, through whichever operators."""

    method: str
    split: str
    scale: int

    def __str__(self) -> str:
        return f"{self.method} on {self.split} at {self.scale}x"


class CellKey(NamedTuple):
    """What tells cells of a folder apart."""

    method: str
    split: str
    scale: int
    operator: str
    seed: int

    @property
    def table(self) -> TableKey:
        """The table of its rows."""
        return TableKey(self.split, self.scale, self.operator)


class RowKey(NamedTuple):
    """What tells rows of a folder apart."""

    method: str
    split: str
    scale: int
    operator: str
    seed: int
    image: str


class Timed(NamedTuple):
    """The conditions that times were taken under; only times of the same ones are comparable."""

    machine: str = ""  # digest of the machine; empty if not on record
    under: str = ""  # such as `cpu, fp32, 2 threads`, with what else was at work


class Part(NamedTuple):
    """One of the things that a composed score is the mean of."""

    restored: float | None  # None of a part that is not in the mean, as it cannot be judged
    truth: float  # what the true picture itself gets
    chance: float  # what a blind guess would


@dataclass(frozen=True)
class Budget:
    """What an optimisation had found after part of its steps, scored like the row's picture."""

    steps: int
    latency_s: float | None  # from the start of the restoration; None in a batch
    metrics: dict[str, float] = field(default_factory=dict)
    unscored: dict[str, str] = field(default_factory=dict)  # metric column to reason


@dataclass(frozen=True)
class Row:
    """One line of `rows.csv`. Times are in seconds; None where nothing was measured.

    A picture restored by itself has a latency and no throughput; one restored in a batch has a
    throughput, and neither latency nor CPU time nor memory of its own.
    """

    method: str
    split: str
    image: str
    scale: int
    operator: str  # name#digest
    seed: int
    state: RowState
    reason: str = ""  # why it is not ok; of a row that is, what to know of its picture
    latency_s: float | None = None  # the restoration alone, device synchronised
    cpu_s: float | None = None  # CPU time of the process over the same region
    peak_mem_bytes: int | None = None
    metric_s: float | None = None  # scoring, all metrics
    batch: int | None = None  # pictures restored at once, this one among them
    images_per_s: float | None = None  # of a batch: its pictures over the seconds that it took
    threads: int | None = field(default=None, compare=False)  # that the restoration computed with
    # Hash of what decided it: settings, weights, code, precision, device; empty if not on record.
    cell_key: str = field(default="", compare=False)
    # Digest of the machine it was timed on, and device, precision, threads and what else was at
    # work; then latency and CPU time of the calibration kernel. Not all of it is passed on.
    machine: str = field(default="", compare=False)
    timed_under: str = field(default="", compare=False)
    calibration_s: float | None = field(default=None, compare=False)
    calibration_cpu_s: float | None = field(default=None, compare=False)
    output_digest: str | None = None  # of the restored 8-bit picture
    metrics: dict[str, float] = field(default_factory=dict)
    unscored: dict[str, str] = field(default_factory=dict)  # metric column to reason
    # Of composed scores, by metric column and name: what restored picture and truth get, and what
    # a blind guess would. Kept in the store alone, so that no two rows differ by it.
    parts: dict[str, dict[str, Part]] = field(default_factory=dict, compare=False)
    trace_length: int | None = None  # optimisation steps taken
    reached_tolerance: bool | None = None
    budgets: tuple[Budget, ...] = ()  # by their steps; the row itself is the whole search

    @property
    def timed(self) -> Timed:
        """The conditions that its times were taken under."""
        return Timed(self.machine, self.timed_under)

    @property
    def table(self) -> TableKey:
        """The table that the row belongs to."""
        return TableKey(self.split, self.scale, self.operator)

    @property
    def subject(self) -> Subject:
        """The method, split and scale."""
        return Subject(self.method, self.split, self.scale)

    @property
    def cell(self) -> CellKey:
        """The cell that the row is of."""
        return CellKey(self.method, self.split, self.scale, self.operator, self.seed)

    @property
    def key(self) -> RowKey:
        """The row's own coordinate."""
        return RowKey(*self.cell, self.image)

    def score(self, column: str) -> float | None:
        """The score, unless there is none or one that no mean can take: infinite or no number."""
        value = self.metrics.get(column)
        if self.state is not RowState.OK or value is None or not math.isfinite(value):
            return None
        return value

    @property
    def why_unscored(self) -> dict[str, str]:
        """Metric column to the reason why the row has no score there."""
        senseless = {
            column: f"the metric returned {value}"
            for column, value in self.metrics.items()
            if not math.isfinite(value)
        }
        return {**self.unscored, **senseless}
