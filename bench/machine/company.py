"""Whether other runs of this user compute on the machine while this one takes times."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.core.files import try_lock


@contextmanager
def at_work(folder: Path) -> Iterator[Callable[[], bool]]:
    """Be at work until the end of the block; what is given tells whether another process is.

    Each process holds the lock of a file of its own in `folder`, which is free again when it
    ends, however that ends. Where that cannot be, nobody is seen.
    """
    own = folder / f"{uuid.uuid4().hex}.lock"
    handle = None
    try:
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            begun = own.with_suffix(".new")
            handle = os.open(begun, os.O_CREAT | os.O_RDWR, 0o666)
            if try_lock(handle):
                begun.rename(own)  # now others look at it, and find it locked
        yield lambda: any(is_held(path) for path in locks_in(folder) if path != own)
    finally:
        if handle is not None:
            os.close(handle)
        with suppress(OSError):
            own.unlink(missing_ok=True)


def locks_in(folder: Path) -> list[Path]:
    """The files of all processes at work, and of some that ended without taking theirs away."""
    try:
        return list(folder.glob("*.lock"))
    except OSError:
        return []


def is_held(path: Path) -> bool:
    """Whether the process of that file is still there; a file of one that is not is removed."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDWR)
        try:
            if not try_lock(handle):
                return True
            path.unlink(missing_ok=True)
        finally:
            os.close(handle)
    return False
