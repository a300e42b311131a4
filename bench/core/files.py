"""Writing files so that a reader, a crash or a full disk never meets half of one."""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bench.core.errors import BenchError, ExitStatus


class DiskError(BenchError):
    """The results folder cannot be written; what was written before is intact."""

    status = ExitStatus.SOME_ROWS_FAILED


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Have `write` fill a temporary file beside `path`, then sync it and put it in place.

    Raises `DiskError` with the cause, and leaves no temporary file behind.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise disk_error(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all."""
    write_atomically(path, lambda temporary: temporary.write_bytes(data))


def write_text(path: Path, text: str) -> None:
    """Put `text` at `path` as UTF-8, whole or not at all."""
    write_bytes(path, text.encode(errors="backslashreplace"))


def disk_error(path: Path, error: OSError) -> DiskError:
    """The error in words that say what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        advice = "the disk is full: free some space and run the same command again; it resumes"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
        advice = "choose a folder that you may write to with --out DIR"
    else:
        advice = "mend the cause and run the same command again; it resumes"
    return DiskError(f"cannot write {path}: {error.strerror or error}; {advice}")


def link(source: Path, target: Path) -> None:
    """Have `target` be `source`, replacing what was there in one step. Raises `DiskError`."""
    if not (target.exists() and target.samefile(source)):
        write_atomically(target, lambda temporary: link_or_copy(source, temporary))


def link_or_copy(source: Path, target: Path) -> None:
    """A link where the file system has any."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
