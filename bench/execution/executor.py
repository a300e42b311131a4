"""Running cells, wherever their workers are.

Each cell gets a worker of its own; where more are free than cells wait, several workers share the
pictures of one. A worker that dies, or that takes longer than the time limit
over a picture, costs that picture: a new one goes on with the rest of the cell. One that is lost
over a batch costs none: its pictures are tried one by one, and later batches are half as large.
One that something else killed costs none either: its picture is tried again, four times.
After three pictures lost in a row the rest of the cell is given up, with the reason in every row. A
metric that takes a worker with it costs that score alone, and after three in a row is given up for
the cell.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from typing import Protocol

from bench.core.files import DiskError
from bench.core.paths import cache_dir
from bench.core.rows import Row, RowState
from bench.core.scratch import scratch_folder
from bench.execution.messages import (
    Entered,
    Finished,
    Job,
    Kept,
    Loaded,
    Message,
    Phase,
    Refused,
    Stopped,
)
from bench.execution.outstanding import Item
from bench.execution.running import Running, Worker
from bench.execution.shared_truths import SharedTruths
from bench.machine.company import at_work
from bench.planning.cell import Cell
from bench.results.store import Record, Store

LOSSES_IN_A_ROW = 3
MOST_KILLS = 4  # of workers over one picture; after that it is not for want of luck
BESIDE = "beside another run"  # how a row's conditions say so
FLUSH_S = 0.5  # finished rows reach the disk at least this often
POLL_S = 0.1


class Listener(Protocol):
    """Who wants to know how the run goes."""

    def cell_started(self, cell: Cell, left: int) -> None: ...

    def row_finished(self, cell: Cell, row: Row) -> None: ...

    def cell_finished(self, cell: Cell) -> None: ...


class Executor(ABC):
    """Runs cells, at most `workers` at a time, and puts every row into the store."""

    def __init__(self, store: Store, workers: int, listener: Listener) -> None:
        self.store = store
        self.workers = workers
        self.listener = listener
        self.running: list[Running] = []
        self.others: Callable[[], bool] = lambda: False  # whether other runs are at work here

    @abstractmethod
    def launch(self, job: Job) -> Worker:
        """Start a worker on the job."""

    @abstractmethod
    def wait(self, seconds: float) -> None:
        """Return when a worker at work has told something or ended, or after `seconds`."""

    def run(self, cells: Sequence[Cell], prepare: Callable[[Cell], Job]) -> None:
        """Work on every cell until nothing is left; `prepare` says what is left of one.

        A cell that another run has claimed is waited for, then looked at again. Raises
        `DiskError` if the store cannot be written; an interrupt keeps every finished row.
        """
        with scratch_folder(cache_dir() / "of-truth") as folder:  # until no worker writes into it
            self.truths = SharedTruths(folder, cells)
            self.work_on(deque(cells), prepare)

    def work_on(self, waiting: deque[Cell], prepare: Callable[[Cell], Job]) -> None:
        """`run`, with a place for what workers share."""
        try:
            with at_work(cache_dir() / "at-work") as self.others:
                while waiting or self.running:
                    self.start_some(waiting, prepare)
                    self.listen()
                    for running in list(self.running):
                        self.look_after(running)
        finally:
            for running in self.running:
                running.worker.stop()
            # Every cell is saved and given free, whether or not the disk takes the rows of others:
            # a claim that is left holds up the next run of this process for ever.
            with ExitStack() as ending:
                for running in self.running:
                    ending.enter_context(running.claim)
                for running in self.running:
                    ending.callback(self.save, running)
                self.running = []

    def start_some(self, waiting: deque[Cell], prepare: Callable[[Cell], Job]) -> None:
        """Start waiting cells while there is room; put back those that others have claimed."""
        for _ in range(len(waiting)):
            if len(self.running) >= self.workers:
                return
            cell = waiting.popleft()
            with ExitStack() as claim:
                if not claim.enter_context(self.store.claimed(cell.key)):
                    waiting.append(cell)
                    continue
                job = replace(prepare(cell), truths=self.truths.of(cell))
                self.listener.cell_started(cell, len(job.items))
                if not job.items:
                    self.cell_finished(cell)
                    continue
                shared = ExitStack()
                for part in parts(job, self.workers - len(self.running) - len(waiting)):
                    self.running.append(Running(part, self.launch, shared))
                shared.push(claim.pop_all())

    def listen(self) -> None:
        """Wait a little for messages, and take in all that have come."""
        if not self.running:
            time.sleep(0.2)
            return
        self.wait(POLL_S)
        for running in self.running:
            for message in running.worker.messages():
                self.take(running, message)

    def take(self, running: Running, message: Message) -> None:
        """Act on one message of a worker."""
        running.since = time.monotonic()
        match message:
            case Loaded(facts):
                running.at = None
                running.job = replace(running.job, threads_alone=facts.get("threads_alone"))
                self.store.keep_facts(running.job.cell.key, facts)
            case Entered():
                running.at = message
                if message.phase is Phase.RESTORING:
                    running.is_beside_others = self.others()
            case Kept(record):
                running.kept[record.picture] = self.marked(running, record)
            case Finished(record):
                record = self.marked(running, record)
                running.losses = 0
                for column in record.row.metrics:
                    running.losses_by.pop(column, None)
                self.finish(running, record)
            case Refused(state, reason):
                self.give_up(running, state, reason)
            case Stopped(text):
                raise DiskError(text)

    def marked(self, running: Running, record: Record) -> Record:
        """The record of a picture that was timed while another run was at work says so."""
        row, is_new = record.row, running.left[0].restored_before is None
        if not (is_new and row.timed_under and (running.is_beside_others or self.others())):
            return record
        running.is_beside_others = True
        return replace(record, row=replace(row, timed_under=f"{row.timed_under}, {BESIDE}"))

    def look_after(self, running: Running) -> None:
        """Save what is due, restart what was lost, and close what is finished."""
        if reason := running.overdue():
            running.worker.stop()
            self.lose(running, RowState.TIMEOUT, reason)
        elif running.left and running.worker.has_ended:
            state, reason = running.worker.cause_of_death()
            was_killed = running.worker.was_killed
            running.worker.stop()
            if not (was_killed and self.try_again(running)):
                self.lose(running, state, f"{reason}, in {running.doing}" if running.at else reason)
        if time.monotonic() - running.saved_at > FLUSH_S:
            self.save(running)
        if not running.left:
            running.worker.stop(patience_s=5)
            self.save(running)
            self.running.remove(running)
            if all(other.claim is not running.claim for other in self.running):
                self.store.compact(running.job.cell.key)
                running.claim.close()
                self.cell_finished(running.job.cell)

    def cell_finished(self, cell: Cell) -> None:
        """Nothing is left of a cell."""
        self.truths.finished(cell)
        self.listener.cell_finished(cell)

    def try_again(self, running: Running) -> bool:
        """Begin again where something else killed the worker, unless that happens again and again;
        a batch is to be lost, so that smaller ones follow: memory may have run out."""
        item = running.left[0]
        if (running.at and running.at.pictures > 1) or item.kills >= MOST_KILLS:
            return False
        running.left[0] = replace(item, kills=item.kills + 1)
        running.start_worker()
        return True

    def lose(self, running: Running, state: RowState, reason: str) -> None:
        """Account for what was lost with a process, and go on with the rest."""
        phase = running.at.phase if running.at else None
        if running.at and running.at.column:
            self.lose_score(running, running.at.column, reason, is_setup=phase is not Phase.SCORING)
            return
        if phase is Phase.LOADING and state is RowState.TIMEOUT:
            self.give_up(running, state, reason)  # it had the time of all of them
            return
        if phase is Phase.WARMING_UP:
            # Its cost stays unknown. A picture is lost if its time is spent.
            running.job = replace(running.job, warm_up=False)
            if state is not RowState.TIMEOUT:
                running.start_worker()
                return
        if running.at and running.at.pictures > 1:
            self.lose_batch(running, running.at.pictures)
            return
        running.losses += 1
        self.finish(running, record(running.job, running.left[0], state, reason))
        if running.losses >= LOSSES_IN_A_ROW:
            given_up = f"not tried after {running.losses} losses in a row; the last: {reason}"
            self.give_up(running, state, given_up)
        elif running.left:
            running.start_worker()

    def lose_batch(self, running: Running, pictures: int) -> None:
        """Go on with the pictures of a batch that took its process along, one by one."""
        for place in range(min(pictures, len(running.left))):
            running.left[place] = replace(running.left[place], alone=True)
        running.job = replace(running.job, batch=pictures // 2)
        running.start_worker()

    def lose_score(self, running: Running, column: str, reason: str, *, is_setup: bool) -> None:
        """Go on without the score of a metric that took its process along."""
        running.losses_by[column] += 1
        losses = running.losses_by[column]
        item = running.left[0]
        running.left[0] = replace(item, lost_scores={**item.lost_scores, column: reason})
        if is_setup or losses >= LOSSES_IN_A_ROW:
            told = reason
            if not is_setup:
                told = f"not scored after {losses} losses in a row; the last: {reason}"
            job = running.job
            running.job = replace(job, given_up={**job.given_up, column: told})
        running.start_worker()

    def give_up(self, running: Running, state: RowState, reason: str) -> None:
        """Every picture that is left gets a row with the reason."""
        while running.left:
            self.finish(running, record(running.job, running.left[0], state, reason))

    def finish(self, running: Running, record: Record) -> None:
        """A picture is done with; its record reaches the disk soon."""
        item = running.left.popleft()
        running.kept.pop(item.picture.sha256, None)
        running.at = None
        running.unsaved.append(record)
        self.listener.row_finished(running.job.cell, record.row)

    def save(self, running: Running) -> None:
        """Put finished rows on the disk, after their pictures."""
        self.store.sync_pictures(running.job.cell.key, running.unsaved)
        self.store.add(running.job.cell.key, running.unsaved)
        running.unsaved = []
        running.saved_at = time.monotonic()


def parts(job: Job, count: int) -> list[Job]:
    """The job in so many parts, as far as it has pictures; the first ones, which are timed one by
    one, in the first part."""
    count = max(1, min(count, len(job.items)))
    ends = [len(job.items) * i // count for i in range(count + 1)]
    return [replace(job, items=job.items[a:b]) for a, b in pairwise(ends)]


def record(job: Job, item: Item, state: RowState, reason: str) -> Record:
    """The record of a picture that was not restored."""
    row = job.cell.row(item.picture, state, reason)
    return Record(item.picture.sha256, row, {}, job.timeout_s, time.time_ns())
