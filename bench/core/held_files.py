"""Files that say which processes are there: each holds the lock of its own until it ends."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.core.files import try_lock


@contextmanager
def held_file(folder: Path) -> Iterator[Path]:
    """Hold the lock of a new file of `folder` until the end of the block.

    It is free again when the process ends, however that ends. Where a folder cannot be written
    there is no file at that path.
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
        yield own
    finally:
        if handle is not None:
            os.close(handle)
        with suppress(OSError):
            own.unlink(missing_ok=True)


def files_in(folder: Path) -> list[Path]:
    """The files of all processes there, and of some that ended without taking theirs away."""
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
