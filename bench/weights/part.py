"""A file on its way: what has come of it, from where, and which process is at it.

`FILE.part` holds the bytes, `FILE.part.json` what tells whether they can be continued. The
process that holds the lock of `FILE.part` is the one that writes; it dies with the process.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path

from bench.core.files import disk_error, write_text

WAIT_S = 0.2


@dataclass(frozen=True)
class Origin:
    """Where a part came from."""

    url: str
    validator: str  # an ETag or a date, "" where the server gives neither
    total: int | None  # bytes of the whole file, as the server said


class Part:
    """The part of `target` that has come so far. Made by `locked_part`."""

    def __init__(self, target: Path, file: FileIO) -> None:
        self.target = target
        self.file = file
        self.path = part_path(target)
        self.note = self.path.with_name(f"{self.path.name}.json")

    @property
    def size(self) -> int:
        """Bytes that have come."""
        return os.fstat(self.file.fileno()).st_size

    @property
    def origin(self) -> Origin | None:
        """Where the bytes came from; None where that is not known, so that they are of no use."""
        with suppress(OSError, ValueError, TypeError):
            return Origin(**json.loads(self.note.read_text()))
        return None

    def begin(self, origin: Origin) -> None:
        """Drop what has come, and note where the next bytes come from."""
        self.clear()
        # Noted only now: a crash between the two leaves an empty part, which is true of any origin.
        write_text(self.note, json.dumps(asdict(origin)))

    def append(self, data: bytes) -> None:
        """Put the next bytes."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self.file.write(rest) :]
        except OSError as error:
            raise disk_error(self.path, error) from error

    def clear(self) -> None:
        """Drop what has come."""
        try:
            self.file.truncate(0)
        except OSError as error:
            raise disk_error(self.path, error) from error

    def finish(self) -> None:
        """Put the file in its place, safe from a crash from then on."""
        try:
            os.fsync(self.file.fileno())
            self.path.replace(self.target)
            self.note.unlink(missing_ok=True)
            folder = os.open(self.target.parent, os.O_RDONLY)
            with suppress(OSError):  # some file systems sync no folders
                os.fsync(folder)
            os.close(folder)
        except OSError as error:
            raise disk_error(self.target, error) from error

    def remove(self) -> None:
        """Leave nothing of the part."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
            self.note.unlink(missing_ok=True)


def part_path(target: Path) -> Path:
    """Where the bytes of `target` gather."""
    return target.with_name(f"{target.name}.part")


@contextmanager
def locked_part(target: Path, on_wait: Callable[[], None]) -> Iterator[Part]:
    """The part of `target`, for this process alone; `on_wait` is called once if another has it."""
    with open_locked(target, on_wait) as file:
        part = Part(target, file)
        try:
            yield part
        finally:
            if not part.size:
                part.remove()


def open_locked(target: Path, on_wait: Callable[[], None]) -> FileIO:
    """`FILE.part`, opened to be continued, unbuffered, and locked."""
    path = part_path(target)
    waited = False
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = FileIO(path, "ab")
        except OSError as error:
            raise disk_error(path, error) from error
        if try_lock(file) and is_still(path, file):
            return file
        file.close()
        if not waited:
            on_wait()
            waited = True
        time.sleep(WAIT_S)


def try_lock(file: FileIO) -> bool:
    """Take the file's lock if nobody has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True


def is_still(path: Path, file: FileIO) -> bool:
    """Whether the open file is the one at `path`: the last to hold the lock may have moved it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except OSError:
        return False
