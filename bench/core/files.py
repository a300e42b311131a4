"""Writing files so that a reader, a crash or a full disk never meets half of one."""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path

from filelock import lock_descriptor

from bench.core.errors import BenchError, ExitStatus

SIDE_BY_SIDE = 16  # files that wait for the disk at a time


class DiskError(BenchError):
    """The results folder cannot be written; what was written before is intact."""

    status = ExitStatus.SOME_ROWS_FAILED


def write_atomically(
    path: Path, write: Callable[[Path], object], *, is_synced: bool = True
) -> None:
    """Have `write` fill a temporary file beside `path`, then sync it and put it in place.

    is_synced: False leaves it to the caller to `sync` it before anything relies on it. Raises
    `DiskError` with the cause, and leaves no temporary file behind.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        if is_synced:
            sync(temporary)
        temporary.replace(path)
    except OSError as error:
        raise disk_error(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_all(files: Iterable[tuple[Path, Callable[[Path], object]]]) -> None:
    """`write_atomically` of many files, each with what writes it: a tenth of the time, since they
    wait for the disk together. Raises `DiskError`; what was begun is then whole or not there."""
    going = iter(files)
    while chunk := list(islice(going, 4 * SIDE_BY_SIDE)):
        begun: dict[Path, Path] = {}
        try:
            for path, write in chunk:
                begun[path] = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
                path.parent.mkdir(parents=True, exist_ok=True)
                write(begun[path])
            sync_all(begun.values())
            for path, temporary in begun.items():
                temporary.replace(path)
        except OSError as error:
            raise disk_error(path, error) from error
        finally:
            for temporary in begun.values():
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Return when the disk has what is in the file. Raises `OSError`."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_all(paths: Iterable[Path]) -> None:
    """Return when the disk has what is in these files; those that are not there are passed over.

    They wait side by side: a disk takes many at the cost of one. Raises `DiskError`.
    """

    def sync_one(path: Path) -> None:
        try:
            sync(path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise disk_error(path, error) from error

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        list(pool.map(sync_one, paths))


def write_bytes(path: Path, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all."""
    write_atomically(path, lambda temporary: temporary.write_bytes(data))


def write_text(path: Path, text: str) -> None:
    """Put `text` at `path` as UTF-8, whole or not at all."""
    write_bytes(path, text.encode(errors="backslashreplace"))


def try_lock(handle: int) -> bool:
    """Take the lock of the open file if nobody has it; it is free again when the file is closed,
    at the latest when this process ends, however that ends."""
    try:
        return lock_descriptor(handle, blocking=False)
    except OSError:
        # A file system without locks: two processes may then do the same work, and one counts.
        return True


def disk_error(path: Path, error: OSError) -> DiskError:
    """The error in words that say what to do."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        advice = "the disk is full: free some space and run the same command again; it resumes"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
        advice = "choose a folder that you may write to with --out DIR"
    else:
        advice = "mend the cause and run the same command again; it resumes"
    return DiskError(f"cannot write {path}: {error.strerror or error}; {advice}")


def link(source: Path, target: Path) -> None:
    """Have `target` be `source`, replacing what was there in one step. Raises `DiskError`."""
    if not (target.exists() and target.samefile(source)):
        write_atomically(target, lambda temporary: link_or_copy(source, temporary), is_synced=False)


def link_or_copy(source: Path, target: Path) -> None:
    """A link where the file system has any: what it shows is on the disk already."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
        sync(target)
