"""Cells in worker processes on this machine."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait

from bench.core import processes
from bench.core.rows import RowState
from bench.execution.executor import Executor
from bench.execution.messages import Job, Message
from bench.execution.running import Worker

# A signal to all processes of a job reaches the run as well: it ends before it blames a picture.
SHARED_S = 0.3


class ProcessWorker(Worker):
    """A process of this machine."""

    def __init__(self, job: Job) -> None:
        self.connection, theirs = multiprocessing.Pipe()
        self.process = processes.start(run_worker, theirs, job)
        theirs.close()
        self._has_ended = False

    def messages(self) -> Iterator[Message]:
        try:
            while not self._has_ended and self.connection.poll():
                yield self.connection.recv()
        except (EOFError, ConnectionResetError):
            self._has_ended = True

    @property
    def has_ended(self) -> bool:
        return self._has_ended  # it has closed its end of the pipe

    def cause_of_death(self) -> tuple[RowState, str]:
        self.process.join()
        time.sleep(SHARED_S)
        return meaning_of(self.process.exitcode)

    def stop(self, patience_s: float = 0.0) -> None:
        self.process.join(patience_s)
        self.process.kill()
        self.process.join()
        self.connection.close()


class LocalExecutor(Executor):
    """Every worker a process on this machine."""

    def launch(self, job: Job) -> ProcessWorker:
        return ProcessWorker(job)

    def wait(self, seconds: float) -> None:
        workers = (running.worker for running in self.running)
        wait([w.connection for w in workers if isinstance(w, ProcessWorker)], timeout=seconds)


def run_worker(connection: Connection, job: Job) -> None:
    """What the new process runs; torch is imported there, not in the run itself."""
    from bench.execution.worker import main  # noqa: PLC0415

    main(connection, job)


def meaning_of(exit_code: int | None) -> tuple[RowState, str]:
    """What an exit code says of a process that should still be running."""
    if exit_code is None or exit_code >= 0:
        return RowState.FAILED, f"the worker process ended by itself with status {exit_code}"
    name = name_of(-exit_code)
    if name == "SIGKILL":
        return (
            RowState.OUT_OF_MEMORY,
            "the system killed the worker process (SIGKILL), as it does when memory runs out",
        )
    return RowState.FAILED, f"the worker process crashed ({name})"


def name_of(number: int) -> str:
    """Such as SIGSEGV; the number of a signal that has no name here."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
