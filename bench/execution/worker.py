"""The process that works on one cell, so that a crash in it costs no other."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

import torch

from bench.core.errors import describe
from bench.core.files import DiskError
from bench.core.rows import Row, RowState
from bench.execution.attempt import failed_row, given, precision_of, restore, state_of
from bench.execution.messages import (
    Begun,
    Finished,
    Job,
    Loaded,
    Message,
    Refused,
    Started,
    Stopped,
)
from bench.execution.open_method import open_method
from bench.execution.outstanding import Item
from bench.execution.restored import keep, kept, scored
from bench.machine.calibration import calibrate
from bench.machine.timing import memory_in_use
from bench.metrics.base import Metric
from bench.metrics.scorer import ready_metric
from bench.results.store import Record, Store
from methods.base import Method


def main(connection: Connection, job: Job) -> None:
    """Send what becomes of each picture of the job; return when all are done."""
    end_with(connection)
    for message in work(job):
        connection.send(message)


def end_with(connection: Connection) -> None:
    """End this process with the run at the other end, however that ends, and not before."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the run, which ends its workers

    def watch() -> None:
        try:
            connection.recv()
        finally:
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def work(job: Job) -> Iterator[Message]:
    """The whole job, message by message."""
    yield Begun()
    torch.set_num_threads(job.threads)
    device = torch.device(job.device)
    store = Store(job.out)
    try:
        metrics = {scoring.facts.column: ready_metric(scoring, device) for scoring in job.metrics}
        method, held_bytes = None, 0
        if any(item.restored_before is None for item in job.items):
            method, held_bytes, facts = ready_method(job, device)
            yield Loaded(facts)
    except Exception as error:
        yield Refused(state_of(error), describe(error))
        return
    for item in job.items:
        yield Started(item)
        try:
            yield Finished(attempt(job, store, item, method, metrics, held_bytes))
        except DiskError as error:
            yield Stopped(str(error))
            return


def ready_method(job: Job, device: torch.device) -> tuple[Method, int, dict[str, Any]]:
    """The method, loaded and warmed up, the memory it holds, and what is measured once a cell."""
    cell = job.cell
    empty_bytes, start = memory_in_use(device), time.perf_counter()
    method = open_method(cell, device, job.cache)
    loaded, held_bytes = time.perf_counter(), max(memory_in_use(device) - empty_bytes, 0)
    facts = {
        "parameters": method.parameters(),
        "macs": warm_up(job, method),
        "load_s": loaded - start,
        "warm_up_s": time.perf_counter() - loaded,
        "machine": job.machine,
        "weights_read": {role: reading.facts for role, reading in cell.readings.items()},
        "timed_under": f"{device.type}, {cell.precision}, {threads(torch.get_num_threads())}",
    }
    facts["calibration_s"], facts["calibration_cpu_s"] = calibrate(device)
    return method, held_bytes, facts


def threads(count: int) -> str:
    """Such as `2 threads`."""
    return f"{count} thread" + "s" * (count > 1)


def warm_up(job: Job, method: Method) -> int | None:
    """Multiply-accumulates of restoring the first picture; None if the method fails on it.

    The picture gets its own row for that, as the others get theirs.
    """
    cell = job.cell
    first = next(item.picture for item in job.items if item.restored_before is None)
    try:
        y = given(cell, first).y.to(method.task.device)
        with precision_of(cell):
            return method.warm_up(y)
    except Exception:
        return None


def attempt(
    job: Job,
    store: Store,
    item: Item,
    method: Method | None,
    metrics: dict[str, Metric],
    held_bytes: int,
) -> Record:
    """The record of one picture; only a disk that cannot be written raises."""
    cell, before = job.cell, item.restored_before
    try:
        seen = given(cell, item.picture)
        if before is not None:
            restored = kept(store, cell.key, before)
        else:
            assert method is not None
            restored = restore(cell, method, item.picture, seen.y, held_bytes)
            if job.keep_images:
                keep(store, cell.key, item.picture.sha256, restored)
        row = scored(cell, seen, restored, metrics)
    except DiskError:
        raise
    except Exception as error:
        row = failed_row(cell, item.picture, error)
    return record_of(job, item, row)


def record_of(job: Job, item: Item, row: Row) -> Record:
    """The row with what decides whether a later run can use it again."""
    scored_by: dict[str, str] = {}
    if row.state is RowState.OK:
        earlier = item.restored_before.scored_by if item.restored_before else {}
        scored_by = {**earlier, **{s.facts.column: s.digest for s in job.metrics}}
    return Record(item.picture.sha256, row, scored_by, job.timeout_s, time.time_ns())
