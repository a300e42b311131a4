"""How signals end a command: with its tables written, and the status that shells expect.

Batch systems announce the end of a job by SIGTERM, SIGHUP or one of the user's signals, and a
terminal that closes sends SIGHUP. Each raises `EndedBySignal`, a KeyboardInterrupt: what Ctrl-C
leaves in order, they do. Only the first counts; a process that must go at once gets SIGKILL.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

# Those that a system has; SIGBREAK is what Windows sends when a console closes.
NAMES = ("SIGTERM", "SIGHUP", "SIGXCPU", "SIGUSR1", "SIGUSR2", "SIGBREAK")


class EndedBySignal(KeyboardInterrupt):
    """The command is to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Ending:
    """What this process knows of its end."""

    number: int | None = None  # of the first signal
    holds = 0  # how many parts of the work are to be finished first


STATE = Ending()


def status_of(interrupt: KeyboardInterrupt) -> int:
    """128 and the number of the signal, as shells have it: 130 for Ctrl-C, 143 for SIGTERM."""
    number = interrupt.number if isinstance(interrupt, EndedBySignal) else signal.SIGINT
    return 128 + number


def told(interrupt: KeyboardInterrupt) -> str:
    """What happened, in a word or two."""
    if isinstance(interrupt, EndedBySignal):
        return f"ended by {signal.Signals(interrupt.number).name}"
    return "interrupted"


@contextmanager
def ending_tidily() -> Iterator[None]:
    """Have these signals raise `EndedBySignal` within.

    One that the caller ignores stays ignored, as `nohup` wants it.
    """
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
        for number in numbers:
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        STATE.number = None
        for number, handler in before.items():
            signal.signal(number, handler)


def end(number: int, _: FrameType | None) -> None:
    """Take a signal: raise at once, or when what is at work is done."""
    if STATE.number is None:
        STATE.number = number
        if not STATE.holds:
            raise EndedBySignal(number)


@contextmanager
def held() -> Iterator[None]:
    """Put off `EndedBySignal` until what is done within is done; Ctrl-C is not put off."""
    known = STATE.number
    STATE.holds += 1
    try:
        yield
    finally:
        STATE.holds -= 1
    if STATE.number is not None and known is None and not STATE.holds:
        raise EndedBySignal(STATE.number)
