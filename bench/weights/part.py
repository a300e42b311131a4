"""A file on its way: what has come of it, from where, and which process is at it.

`FILE.part` holds the bytes, `FILE.part.json` what tells whether they can be continued. The
process that holds the lock of `FILE.part.lock` is the one that writes; it dies with the process.
A lock of `FILE.part` itself would keep this very process from reading it, on Windows.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path

from bench.core.files import disk_error, try_lock, write_text

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
            return Origin(**json.loads(self.note.read_text(encoding="utf-8")))
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
            self.file.close()  # Windows moves no file that is open
            self.path.replace(self.target)
            self.note.unlink(missing_ok=True)
            sync_folder(self.target.parent)
        except OSError as error:
            raise disk_error(self.target, error) from error

    def remove(self) -> None:
        """Leave nothing of the part."""
        self.file.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
            self.note.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Have what was put into the folder outlast a crash, where the system can."""
    with suppress(OSError):  # some file systems sync no folders, and Windows opens none
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def part_path(target: Path) -> Path:
    """Where the bytes of `target` gather."""
    return target.with_name(f"{target.name}.part")


@contextmanager
def locked_part(target: Path, on_wait: Callable[[], None]) -> Iterator[Part]:
    """The part of `target`, for this process alone; `on_wait` is called once if another has it."""
    path = part_path(target)
    with locked(path.with_name(f"{path.name}.lock"), on_wait), open_to_append(path) as file:
        part = Part(target, file)
        try:
            yield part
        finally:
            if not file.closed and not part.size:
                part.remove()


@contextmanager
def locked(path: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Wait for the lock of the file at `path`, hold it, and leave no such file behind."""
    waited = False
    while True:
        file = open_to_append(path)
        if try_lock(file.fileno()) and is_still(path, file):
            break
        file.close()
        if not waited:
            on_wait()
            waited = True
        time.sleep(WAIT_S)
    try:
        yield
    finally:
        # Before it is closed: whoever waits for it sees that it is no longer the one at `path`.
        with suppress(OSError):
            path.unlink()
        file.close()


def open_to_append(path: Path) -> FileIO:
    """The file, made where it is missing, unbuffered."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return FileIO(path, "ab")
    except OSError as error:
        raise disk_error(path, error) from error


def is_still(path: Path, file: FileIO) -> bool:
    """Whether the open file is the one at `path`: the last to hold the lock may have moved it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except OSError:
        return False
