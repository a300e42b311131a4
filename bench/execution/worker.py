"""The process that works on one cell, so that a crash in it costs no other."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import TypeVar

import torch

from bench.core.files import DiskError
from bench.core.rows import Row, RowState
from bench.execution.attempt import Given, Restored, failed_row, given, state_of
from bench.execution.messages import (
    Entered,
    Finished,
    Job,
    Kept,
    Message,
    Phase,
    Stopped,
)
from bench.execution.outstanding import Item
from bench.execution.ready_method import ReadyMethod
from bench.execution.ready_pictures import ReadyPictures
from bench.execution.restored import keep, kept, scored
from bench.execution.together import next_batch
from bench.machine.allocator import keep_freed_memory
from bench.metrics.base import Metric
from bench.metrics.scorer import Broken, ready_metric
from bench.results.store import Record, Store

T = TypeVar("T")
Ready = ReadyMethod | ReadyPictures


def main(connection: Connection, job: Job) -> None:
    """Send what becomes of each picture of the job; return when all are done."""
    for message in work(job):
        connection.send(message)


def work(job: Job) -> Iterator[Message]:
    """The whole job, message by message."""
    torch.set_num_threads(job.threads)
    keep_freed_memory()
    device = torch.device(job.device)
    store = Store(job.out.absolute())
    metrics: dict[str, Metric] = {}
    for scoring in job.metrics:
        column = scoring.facts.column
        if column in job.given_up:
            metrics[column] = Broken(job.given_up[column])
            continue
        yield Entered(Phase.SETTING_UP_METRIC, column)
        metrics[column] = ready_metric(scoring, device, job.truths)
    ready: Ready | None = None
    if any(item.restored_before is None for item in job.items):
        ready = ReadyPictures(job) if job.cell.method.folder else ReadyMethod(job, device)
        refusal = yield from ready.prepare()
        if refusal:
            yield refusal
            return
    left = deque(job.items)
    while left:
        batch = next_batch(left, ready.batch if isinstance(ready, ReadyMethod) else 1)
        try:
            if len(batch) > 1 and isinstance(ready, ReadyMethod):
                again = yield from attempt_together(job, store, batch, ready, metrics)
                left.extendleft(reversed(again))
            else:
                yield from attempt(job, store, batch[0], ready, metrics)
        except DiskError as error:
            yield Stopped(str(error))
            return


def attempt(
    job: Job, store: Store, item: Item, ready: Ready | None, metrics: Mapping[str, Metric]
) -> Iterator[Message]:
    """One picture, phase by phase, and its record; only a disk that cannot be written raises."""
    cell, before = job.cell, item.restored_before
    yield Entered(Phase.READING)
    seen = tried(job, item, lambda: given(cell, item.picture))
    if isinstance(seen, Finished):
        yield seen
        return
    if before is None:
        assert ready is not None
        method = ready
        yield Entered(Phase.RESTORING)
        restored = tried(job, item, lambda: method.restored(item.picture, seen))
    else:
        restored = tried(job, item, lambda: kept(store, cell.key, before))
    if isinstance(restored, Finished):
        yield restored
        return
    if before is None and job.keep_images:
        yield Entered(Phase.KEEPING)
        yield keep_one(job, store, item, restored)
    yield from score(job, item, seen, restored, metrics)


def attempt_together(
    job: Job, store: Store, items: Sequence[Item], ready: ReadyMethod, metrics: Mapping[str, Metric]
) -> Generator[Message, None, Sequence[Item]]:
    """Several pictures restored at once, then each as `attempt` has it.

    Returns those that are to be tried again: all of them in smaller batches where memory ran out,
    one by one where anything else went wrong.
    """
    seen: list[Given] = []
    for place, item in enumerate(items):
        yield Entered(Phase.READING, pictures=len(items))
        try:
            seen.append(given(job.cell, item.picture))
        except BaseException:
            return [replace(other, alone=i == place) for i, other in enumerate(items)]
    yield Entered(Phase.RESTORING, pictures=len(items))
    try:
        together = ready.restored_together([item.picture for item in items], seen)
    except BaseException as error:
        if state_of(error) is RowState.OUT_OF_MEMORY:
            ready.batch = len(items) // 2
            return items
        return [replace(item, alone=True) for item in items]
    if job.keep_images:  # all before any is scored: a metric may take the process along
        for item, restored in zip(items, together, strict=True):
            if restored is not None:
                yield Entered(Phase.KEEPING, pictures=len(items))
                yield keep_one(job, store, item, restored)
    for item, one, restored in zip(items, seen, together, strict=True):
        if restored is None:
            yield from attempt(job, store, item, ready, metrics)
        else:
            yield from score(job, item, one, restored, metrics)
    return ()


def keep_one(job: Job, store: Store, item: Item, restored: Restored) -> Kept:
    """Put the picture into the store. Raises `DiskError`."""
    keep(store, job.cell.key, item.picture.sha256, restored)
    return Kept(record_of(job, item, restored.row, is_scored=False))


def score(
    job: Job, item: Item, seen: Given, restored: Restored, metrics: Mapping[str, Metric]
) -> Iterator[Message]:
    """The picture by every metric, and its record."""
    restored = replace(restored, row=replace(restored.row, metric_s=None))
    for column, metric in metrics.items():
        used = metric
        if column in item.lost_scores:
            used = Broken(item.lost_scores[column])
        else:
            yield Entered(Phase.SCORING, column)
        restored = scored(job.cell, seen, restored, {column: used})
    yield Finished(record_of(job, item, restored.row))


def tried(job: Job, item: Item, part: Callable[[], T]) -> T | Finished:
    """What `part` of the work gives, or the row that says why it gives nothing."""
    try:
        return part()
    except DiskError:
        raise
    except BaseException as error:  # SystemExit too: a method has no say in when this ends
        return Finished(record_of(job, item, failed_row(job.cell, item.picture, error)))


def record_of(job: Job, item: Item, row: Row, *, is_scored: bool = True) -> Record:
    """The row with what decides whether a later run can use it again."""
    scored_by: dict[str, str] = {}
    if is_scored and row.state is RowState.OK:
        earlier = item.restored_before.scored_by if item.restored_before else {}
        scored_by = {**earlier, **{s.facts.column: s.digest for s in job.metrics}}
    return Record(item.picture.sha256, row, scored_by, job.timeout_s, time.time_ns())
