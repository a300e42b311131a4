"""Scoring the stand-ins on the first pictures of a split, in a process of its own."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

import torch

from bench.checks.sanity.orders import judge, needed
from bench.checks.sanity.stand_ins import StandIn, stand_in
from bench.core import processes
from bench.core.errors import BenchError, describe
from bench.datasets.splits import Picture, read_truth
from bench.execution.attempt import given
from bench.execution.local import meaning_of
from bench.execution.restored import score
from bench.execution.worker import end_with
from bench.metrics.base import Metric
from bench.metrics.scorer import Scoring, ready_metric
from bench.pictures.tensors import to_tensor
from bench.planning.cell import Cell

MOST_IMAGES = 8  # enough for an interval, and cheap beside any method
LIMIT_S = 900.0


@dataclass(frozen=True)
class Verdict:
    """faults: sentences. means: metric column to stand-in to its mean score."""

    faults: tuple[str, ...]
    means: Mapping[str, Mapping[str, float]]
    images: int
    seconds: float


def measure_apart(cell: Cell, scorings: Sequence[Scoring]) -> Verdict:
    """`measure` in another process, which ends with this one, however that ends.

    Raises `BenchError` with what went wrong there, or if it has no answer in time.
    """
    ours, theirs = multiprocessing.Pipe()
    process = processes.start(answer, theirs, cell, scorings)
    theirs.close()
    try:
        if not ours.poll(LIMIT_S):
            raise BenchError(f"no answer within {LIMIT_S:.0f} s")
        told: Verdict | str = ours.recv()
    except (EOFError, ConnectionResetError):
        process.join()
        raise BenchError(meaning_of(process.exitcode)[1]) from None
    finally:
        process.kill()
        process.join()
        ours.close()
    if isinstance(told, str):
        raise BenchError(told)
    return told


def answer(connection: Connection, cell: Cell, scorings: Sequence[Scoring]) -> None:
    """Send the verdict, or in words why there is none."""
    end_with(connection)
    try:
        connection.send(measure_here(cell, scorings))
    # Metrics are code of strangers too, and their errors need not survive the pipe.
    except Exception as error:
        connection.send(describe(error))


def measure_here(cell: Cell, scorings: Sequence[Scoring]) -> Verdict:
    """`measure` with metrics that are loaded now."""
    device = torch.device(cell.device)
    metrics = {s.facts.column: ready_metric(s, device) for s in scorings}
    return measure(cell, scorings, metrics)


def measure(cell: Cell, scorings: Sequence[Scoring], metrics: Mapping[str, Metric]) -> Verdict:
    """What is wrong with the metrics, or with the operator, on the cell's split.

    metrics: by column, ready to score.
    """
    start = time.perf_counter()
    pictures = usable(cell)[:MOST_IMAGES]
    tables = {
        column: scores_of(cell, pictures, column, metric) for column, metric in metrics.items()
    }
    faults = [fault for s in scorings for fault in judge(s.facts, tables[s.facts.column])]
    means = {
        column: {kind.name.lower(): average(values) for kind, values in table.items()}
        for column, table in tables.items()
    }
    known = {
        column: {kind: value for kind, value in by_kind.items() if value is not None}
        for column, by_kind in means.items()
    }
    return Verdict(tuple(faults), known, len(pictures), time.perf_counter() - start)


def scores_of(
    cell: Cell, pictures: Sequence[Picture], column: str, metric: Metric
) -> dict[StandIn, list[float | None]]:
    """A metric's scores of the stand-ins that it needs; None where it gave none."""
    table: dict[StandIn, list[float | None]] = {kind: [] for kind in sorted(needed(column))}
    for i, picture in enumerate(pictures):
        seen = given(cell, picture)
        other = to_tensor(read_truth(pictures[i - 1], cell.split.size))
        for kind, values in table.items():
            if kind is StandIn.STRANGER and torch.equal(seen.truth, other):
                values.append(None)  # a split of one picture has no stranger
                continue
            restored = stand_in(kind, seen.truth, other, cell.operator)
            found = score(cell, seen, restored, {column: metric})
            values.append(found.values.get(column))
    return table


def usable(cell: Cell) -> list[Picture]:
    """The pictures of the cell's split that can be read."""
    return [picture for picture in cell.split.pictures if picture.problem is None]


def average(values: Sequence[float | None]) -> float | None:
    """The mean of those that are known."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
