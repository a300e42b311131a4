"""Standard output and error that never cost a result.

A reader may have left (`| head`), a terminal hung up, a disk filled; a shell may start a command
with its streams closed; an encoding may lack what is to be said. None of that ends the work, or
makes a row fail that prints: what cannot be written is dropped, what cannot be encoded is written
as an escape, and `Settled.lost` says what the command still has to tell.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

READER_HAS_LEFT = (errno.EPIPE, errno.ESHUTDOWN, errno.ECONNRESET)


class Patient(io.FileIO):
    """A file descriptor that takes everything, and remembers what it could not keep."""

    error: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        size = memoryview(data).nbytes
        if self.error is None:
            try:
                while (count := super().write(data)) is None:
                    select.select([], [self], [])  # it does not block, and has no room just now
                return count
            except OSError as error:
                self.error = error
        return size


@dataclass(frozen=True)
class Settled:
    """The streams of a command at work."""

    output: Patient | None  # None where standard output is not this process's own

    @property
    def lost(self) -> str:
        """Why standard output is not whole; empty if it is, or if its reader wanted no more."""
        error = self.output.error if self.output else None
        if error is None or error.errno in READER_HAS_LEFT:
            return ""
        return error.strerror or str(error)


@contextmanager
def settled() -> Iterator[Settled]:
    """Standard streams that can be written to whatever becomes of them.

    Streams that somebody put in their place (a notebook, a test) are theirs and stay as they are.
    """
    open_all()
    before = sys.stdout, sys.stderr
    output = Patient(before[0].fileno(), "w", closefd=False) if is_own(before[0]) else None
    if output is not None:
        sys.stdout = around(output, before[0])
    if is_own(before[1]):
        sys.stderr = around(Patient(before[1].fileno(), "w", closefd=False), before[1])
    try:
        yield Settled(output)
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = before


def is_own(stream: TextIO) -> bool:
    """Whether it is one that Python gave this process."""
    return isinstance(stream, io.TextIOWrapper) and stream in (sys.__stdout__, sys.__stderr__)


def around(raw: Patient, stream: TextIO) -> TextIO:
    """A stream as the given one is, onto `raw`."""
    with suppress(OSError):  # what was written before is lost, and no more
        stream.flush()
    assert isinstance(stream, io.TextIOWrapper)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        stream.encoding,
        "backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def open_all() -> None:
    """Give a process that was started without them its three standard streams.

    Else the next file that it opens gets the number of one, and receives what is meant for it.
    """
    while (handle := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(handle, True)
    os.close(handle)
    if sys.stdout is None:
        sys.stdout = nothing()
    if sys.stderr is None:
        sys.stderr = nothing()


def nothing() -> TextIO:
    """A stream that leads nowhere."""
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - lives as long as we do
