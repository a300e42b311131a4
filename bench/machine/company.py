"""Whether other runs of this user compute on the machine while this one takes times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.core.held_files import files_in, held_file, is_held


@contextmanager
def at_work(folder: Path) -> Iterator[Callable[[], bool]]:
    """Be at work until the end of the block; what is given tells whether another process is.

    Each process holds a file of its own in `folder`. Where that cannot be, nobody is seen.
    """
    with held_file(folder) as own:
        yield lambda: any(is_held(path) for path in files_in(folder) if path != own)
