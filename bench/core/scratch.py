"""A folder for what one command needs while it runs, gone when it ends, whatever ends it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.core.held_files import held_file, is_held


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path | None]:
    """A new folder in `parent`, which this user alone may read; None where there can be none.

    It is removed at the end of the block. What a process that was killed left behind is removed
    by the next one that comes here.
    """
    with held_file(parent) as lock:
        sweep(parent)
        folder = lock.with_suffix("")
        try:
            folder.mkdir(mode=0o700)
        except OSError:
            yield None
            return
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove the folders of processes that are no longer there."""
    with suppress(OSError):
        for folder in parent.iterdir():
            if folder.is_dir() and not is_held(folder.with_suffix(".lock")):
                shutil.rmtree(folder, ignore_errors=True)
