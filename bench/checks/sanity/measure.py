"""Scoring the stand-ins on the first pictures of a split, in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from bench.checks.sanity.orders import judge, needed
from bench.checks.sanity.stand_ins import StandIn, stand_in
from bench.core.errors import BenchError, describe
from bench.core.paths import cache_dir
from bench.core.scratch import scratch_folder
from bench.datasets.splits import Picture, read_truth
from bench.execution.attempt import given
from bench.execution.process import Child
from bench.execution.restored import score
from bench.execution.running import GRACE_S
from bench.metrics.base import Metric
from bench.metrics.facts import MetricFacts
from bench.metrics.scorer import Scoring, ready_metric
from bench.pictures.tensors import to_tensor
from bench.planning.cell import Cell
from bench.results.check_records import Remark

MOST_IMAGES = 8  # enough for an interval, and cheap beside any method
LIMIT_S = 900.0
POLL_S = 0.1


@dataclass(frozen=True)
class SanityVerdict:
    """faults: each with its metric. means: metric column to stand-in to its mean score."""

    faults: tuple[Remark, ...]
    means: Mapping[str, Mapping[str, float]]
    images: int
    seconds: float


@dataclass(frozen=True)
class Begins:
    """The metric of that column is at work from now on."""

    column: str


def measure_apart(
    cell: Cell, scorings: Sequence[Scoring], timeout_s: float | None = None
) -> SanityVerdict:
    """`measure` in another process, which ends with this one, however that ends.

    timeout_s: of the run, which each score keeps too. Raises `BenchError` with what went wrong
    there, or if it has no answer in time.
    """
    with scratch_folder(cache_dir() / "of-truth") as truths:  # each has several stand-ins
        return verdict_of(Child(answer, cell, scorings, truths), timeout_s)


def verdict_of(child: Child, timeout_s: float | None) -> SanityVerdict:
    """What the other process finds. Raises `BenchError` as `measure_apart` does."""
    began = heard = time.monotonic()
    column = ""
    try:
        while True:
            child.connection.poll(POLL_S)
            for told in child.messages():
                heard = time.monotonic()
                match told:
                    case SanityVerdict():
                        return told
                    case Begins():
                        column = told.column
                    case _:
                        raise BenchError(str(told))
            if child.has_ended:
                raise BenchError(child.cause_of_death()[1] + (f", in {column}" if column else ""))
            if timeout_s and column and time.monotonic() - heard > timeout_s + GRACE_S:
                raise BenchError(f"{column} took longer than {timeout_s + GRACE_S:g} s")
            if time.monotonic() - began > LIMIT_S:
                raise BenchError(f"no answer within {LIMIT_S:.0f} s")
    finally:
        child.stop()


def answer(
    connection: Connection, cell: Cell, scorings: Sequence[Scoring], truths: Path | None
) -> None:
    """Send the verdict, or in words why there is none; before each score, whose it is."""
    device = torch.device(cell.device)

    def tell(column: str) -> None:
        connection.send(Begins(column))

    try:
        metrics = {}
        for scoring in scorings:
            tell(scoring.facts.column)
            metrics[scoring.facts.column] = ready_metric(scoring, device, truths)
        connection.send(measure(cell, scorings, metrics, tell))
    # Metrics are code of strangers too, and their errors need not survive the pipe.
    except BaseException as error:
        connection.send(describe(error))


def measure(
    cell: Cell,
    scorings: Sequence[Scoring],
    metrics: Mapping[str, Metric],
    tell: Callable[[str], object] = str,
) -> SanityVerdict:
    """What is wrong with the metrics, or with the operator, on the cell's split.

    metrics: by column, ready to score. tell: called with the column before each score.
    """
    start = time.perf_counter()
    pictures = usable(cell)[:MOST_IMAGES]
    facts = {s.facts.column: s.facts for s in scorings}
    tables = {
        column: scores_of(cell, pictures, facts[column], metric, tell)
        for column, metric in metrics.items()
    }
    faults = [
        Remark(fault, column)
        for column, known in facts.items()
        for fault in judge(known, tables[column])
    ]
    means = {
        column: {kind.name.lower(): average(values) for kind, values in table.items()}
        for column, table in tables.items()
    }
    finite = {
        column: {kind: value for kind, value in by_kind.items() if value is not None}
        for column, by_kind in means.items()
    }
    return SanityVerdict(tuple(faults), finite, len(pictures), time.perf_counter() - start)


def scores_of(
    cell: Cell,
    pictures: Sequence[Picture],
    facts: MetricFacts,
    metric: Metric,
    tell: Callable[[str], object],
) -> dict[StandIn, list[float | None]]:
    """A metric's scores of the stand-ins that it needs; None where it gave none."""
    table: dict[StandIn, list[float | None]] = {kind: [] for kind in sorted(needed(facts))}
    for i, picture in enumerate(pictures):
        seen = given(cell, picture)
        other = to_tensor(read_truth(pictures[i - 1], cell.split.size))
        for kind, values in table.items():
            if kind is StandIn.STRANGER and torch.equal(seen.truth, other):
                values.append(None)  # a split of one picture has no stranger
                continue
            restored = stand_in(kind, seen.truth, other, cell.operator)
            tell(facts.column)
            found = score(cell, seen, restored, {facts.column: metric})
            values.append(found.values.get(facts.column))
    return table


def usable(cell: Cell) -> list[Picture]:
    """The pictures of the cell's split that can be read."""
    return [picture for picture in cell.split.pictures if picture.problem is None]


def average(values: Sequence[float | None]) -> float | None:
    """The mean of those that are known."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
