"""A process that runs strangers' code: it never outlives this one, and nothing it began does.

It is forked from a server that has imported torch once and computed nothing: quick, and safe
where forking this process, with its threads, would not be. It leads a group of processes of its
own, which ends with it. What it prints goes to standard error: standard output is ours.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

import psutil

from bench.core.processes import start
from bench.core.rows import RowState

# Counting multiply-accumulates imports the compiler, two seconds that no warm-up should take.
PRELOADED = ("bench.execution.worker", "torch._dynamo")
MARK = "BENCH_WORKER"  # in the environment of all that a worker begins
PATIENCE_S = 5.0  # for a process that has closed its end of the pipe


class Child:
    """`target(connection, *arguments)` in a process of its own, and what it sends."""

    def __init__(
        self, target: Callable[..., None], *arguments: object, preloaded: Sequence[str] = PRELOADED
    ) -> None:
        """preloaded: modules that the server imports, if it is this process that starts it."""
        self.connection, theirs = multiprocessing.Pipe()
        self.mark = uuid.uuid4().hex
        self.process = start(begin, theirs, self.mark, target, arguments, preloaded=preloaded)
        theirs.close()
        self.has_ended = False  # no further message will come

    def messages(self) -> Iterator[Any]:
        """Those that have come since the last call, without waiting for more."""
        # Its own children may hold the pipe open: its end is seen by its status too.
        is_gone = self.process.exitcode is not None
        try:
            while not self.has_ended and self.connection.poll():
                yield self.connection.recv()
        except (EOFError, OSError):
            self.has_ended = True
        self.has_ended = self.has_ended or is_gone

    def cause_of_death(self) -> tuple[RowState, str]:
        """Why it ended by itself, as the state and reason of a row."""
        self.process.join(PATIENCE_S)
        if self.process.exitcode is None:
            return RowState.FAILED, "the worker process closed its connection and went on"
        return meaning_of(self.process.exitcode)

    @property
    def was_killed(self) -> bool:
        """Whether it ended by SIGKILL, which no process gets by its own fault."""
        return self.process.exitcode == -getattr(signal, "SIGKILL", 0) != 0

    def stop(self, patience_s: float = 0.0) -> None:
        """End it and all that it began, at once or when it has had that long to end by itself."""
        self.process.join(patience_s)
        self.process.kill()
        end_group(self.process.pid)
        end_marked(self.mark)  # those that left the group
        self.process.join()
        self.connection.close()


def begin(
    connection: Connection, mark: str, target: Callable[..., None], arguments: tuple[Any, ...]
) -> None:
    """What the new process runs."""
    with suppress(OSError, AttributeError):  # Windows has no sessions
        os.setsid()
    os.environ[MARK] = mark
    os.dup2(2, 1)
    end_with(connection)
    target(connection, *arguments)


def end_with(connection: Connection) -> None:
    """End this process with the one at the other end, however that ends, and not before."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the run, which ends its workers

    def watch() -> None:
        try:
            connection.recv()
        finally:
            if hasattr(os, "getpgrp") and os.getpgrp() == os.getpid():
                os.killpg(0, signal.SIGKILL)
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def end_group(leader: int | None) -> None:
    """End the group of processes that this one leads, or led."""
    if leader and hasattr(os, "killpg"):  # Windows has no groups
        with suppress(ProcessLookupError, PermissionError):  # it never came to lead one
            os.killpg(leader, signal.SIGKILL)


def end_marked(mark: str) -> None:
    """End every process that bears the mark of a worker in its environment."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):  # it has ended, or is another user's
            if process.environ().get(MARK) == mark:
                process.kill()


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
