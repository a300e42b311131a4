"""Cells in worker processes on this machine.

Each cell gets a process of its own. A process that dies, or that takes longer than the time
limit over a picture, costs that picture: a new process goes on with the rest of the cell. After
three such losses in a row the rest of the cell is given up, with the reason in every row.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Protocol

from bench.cell import Cell
from bench.execution.messages import Finished, Job, Loaded, Message, Refused, Started, Stopped
from bench.execution.outstanding import Item
from bench.files import DiskError
from bench.rows import Row, RowState
from bench.store import Record, Store

LOSSES_IN_A_ROW = 3
FLUSH_S = 0.5  # finished rows reach the disk at least this often
START_UP_S = 120.0  # a process may take this long to start and load, beyond the time limit


class Listener(Protocol):
    """Who wants to know how the run goes."""

    def cell_started(self, cell: Cell, left: int) -> None: ...

    def row_finished(self, cell: Cell, row: Row) -> None: ...

    def cell_finished(self, cell: Cell) -> None: ...


class Running:
    """A cell at work: its process, what is left of it, and what is not yet on the disk."""

    def __init__(self, job: Job, claim: ExitStack) -> None:
        self.job = job
        self.claim = claim
        self.left = deque(job.items)
        self.unsaved: list[Record] = []
        self.saved_at = time.monotonic()
        self.losses = 0
        self.start_process()

    def start_process(self) -> None:
        """Begin, or begin again, with the pictures that are left."""
        # Forked from a server that has imported torch once and computed nothing: quick, and
        # safe where forking the run itself, with its threads, would not be.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["bench.execution.worker"])
        self.connection, theirs = context.Pipe()
        job = replace(self.job, items=tuple(self.left))
        self.process: BaseProcess = context.Process(
            target=run_worker, args=(theirs, job), daemon=True
        )
        self.process.start()
        theirs.close()
        self.current: Item | None = None
        self.has_ended = False  # the worker has closed its end: no message will come
        self.since = time.monotonic()

    def overdue(self) -> bool:
        """Whether the picture at work, or loading, has taken longer than it may."""
        limit = self.job.timeout_s
        if limit is None:
            return False
        allowance = START_UP_S if self.current is None else 0.0
        return time.monotonic() - self.since > limit + allowance

    def stop(self) -> None:
        """End the process now."""
        self.process.kill()
        self.process.join()
        self.connection.close()


def run_worker(connection: Connection, job: Job) -> None:
    """What the new process runs; torch is imported there, not in the run itself."""
    from bench.execution.worker import main  # noqa: PLC0415

    main(connection, job)


class LocalExecutor:
    """Runs cells, at most `workers` at a time, and puts every row into the store."""

    def __init__(self, store: Store, workers: int, listener: Listener) -> None:
        self.store = store
        self.workers = workers
        self.listener = listener
        self.running: list[Running] = []

    def run(self, cells: Sequence[Cell], prepare: Callable[[Cell], Job]) -> None:
        """Work on every cell until nothing is left; `prepare` says what is left of one.

        A cell that another run has claimed is waited for, then looked at again. Raises
        `DiskError` if the store cannot be written; an interrupt keeps every finished row.
        """
        waiting = deque(cells)
        try:
            while waiting or self.running:
                self.start_some(waiting, prepare)
                self.listen()
                for running in list(self.running):
                    self.look_after(running)
        finally:
            for running in self.running:
                running.stop()
                self.save(running)
                running.claim.close()
            self.running.clear()

    def start_some(self, waiting: deque[Cell], prepare: Callable[[Cell], Job]) -> None:
        """Start waiting cells while there is room; put back those that others have claimed."""
        for _ in range(len(waiting)):
            if len(self.running) >= self.workers:
                return
            cell = waiting.popleft()
            claim = ExitStack()
            if not claim.enter_context(self.store.claimed(cell.key)):
                claim.close()
                waiting.append(cell)
                continue
            job = prepare(cell)
            self.listener.cell_started(cell, len(job.items))
            if job.items:
                self.running.append(Running(job, claim))
            else:
                claim.close()
                self.listener.cell_finished(cell)

    def listen(self) -> None:
        """Wait a little for messages, and take in all that have come."""
        if not self.running:
            time.sleep(0.2)
            return
        ready = wait([running.connection for running in self.running], timeout=0.1)
        for running in self.running:
            while running.connection in ready and running.connection.poll():
                try:
                    self.take(running, running.connection.recv())
                except (EOFError, ConnectionResetError):
                    running.has_ended = True
                    break

    def take(self, running: Running, message: Message) -> None:
        """Act on one message of a worker."""
        running.since = time.monotonic()
        match message:
            case Loaded(facts):
                self.store.keep_facts(running.job.cell.key, facts)
            case Started(item):
                running.current = item
            case Finished(record):
                running.losses = 0
                self.finish(running, record)
            case Refused(state, reason):
                self.give_up(running, state, reason)
            case Stopped(text):
                raise DiskError(text)

    def look_after(self, running: Running) -> None:
        """Save what is due, restart what was lost, and close what is finished."""
        if running.overdue():
            seconds = running.job.timeout_s
            what = "the restoration" if running.current else "loading the method"
            running.stop()
            self.lose(running, RowState.TIMEOUT, f"{what} took longer than {seconds:g} s")
        elif running.left and running.has_ended:
            running.process.join()
            state, reason = cause_of_death(running.process.exitcode)
            running.stop()
            self.lose(running, state, reason)
        if time.monotonic() - running.saved_at > FLUSH_S:
            self.save(running)
        if not running.left:
            running.process.join(timeout=5)
            running.stop()
            self.save(running)
            self.store.compact(running.job.cell.key)
            running.claim.close()
            self.running.remove(running)
            self.listener.cell_finished(running.job.cell)

    def lose(self, running: Running, state: RowState, reason: str) -> None:
        """Account for the picture that was lost with its process, and go on with the rest."""
        running.losses += 1
        self.finish(running, record(running.job, running.left[0], state, reason))
        if running.losses >= LOSSES_IN_A_ROW:
            given_up = f"not tried after {running.losses} losses in a row; the last: {reason}"
            self.give_up(running, state, given_up)
        elif running.left:
            running.start_process()

    def give_up(self, running: Running, state: RowState, reason: str) -> None:
        """Every picture that is left gets a row with the reason."""
        while running.left:
            self.finish(running, record(running.job, running.left[0], state, reason))

    def finish(self, running: Running, record: Record) -> None:
        """A picture is done with; its record reaches the disk soon."""
        running.left.popleft()
        running.current = None
        running.unsaved.append(record)
        self.listener.row_finished(running.job.cell, record.row)

    def save(self, running: Running) -> None:
        """Put finished rows on the disk."""
        self.store.add(running.job.cell.key, running.unsaved)
        running.unsaved = []
        running.saved_at = time.monotonic()


def record(job: Job, item: Item, state: RowState, reason: str) -> Record:
    """The record of a picture that was not restored."""
    row = job.cell.row(item.picture, state, reason)
    return Record(item.picture.sha256, row, {}, job.timeout_s, time.time_ns())


def cause_of_death(exit_code: int | None) -> tuple[RowState, str]:
    """What an exit code says of a process that should still be running."""
    if exit_code is None or exit_code >= 0:
        return RowState.FAILED, f"the worker process ended by itself with status {exit_code}"
    name = signal.Signals(-exit_code).name
    if -exit_code == signal.SIGKILL:
        return (
            RowState.OUT_OF_MEMORY,
            "the system killed the worker process (SIGKILL), as it does when memory runs out",
        )
    return RowState.FAILED, f"the worker process crashed ({name})"
