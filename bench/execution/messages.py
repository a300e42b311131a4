"""What passes between the run and its worker processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Begun:
    """The worker is there, and loads the method."""


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
class Started:
    """Work on a picture begins."""

    item: Item


@dataclass(frozen=True)
class Finished:
    """A picture's row is ready."""

    record: Record


@dataclass(frozen=True)
class Stopped:
    """The results folder cannot be written: the run cannot go on."""

    message: str


Message = Begun | Loaded | Refused | Started | Finished | Stopped
