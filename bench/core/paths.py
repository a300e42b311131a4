"""Where the project's data lies: in a checkout beside the packages, in a wheel inside `bench`."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from bench.core.errors import BenchError

PACKAGE = Path(__file__).parents[1]


def data_dir(name: str) -> Path:
    """The folder `datasets` or `reports`."""
    installed = PACKAGE / "_data" / name
    return installed if installed.is_dir() else PACKAGE.parent / name


def cache_dir() -> Path:
    """Where things worth keeping between runs go; BENCH_CACHE overrides it.

    Raises `BenchError` if BENCH_CACHE names a file. A user without a home, as in a container, has
    a private folder among the temporary ones.
    """
    if chosen := os.environ.get("BENCH_CACHE"):
        folder = Path(chosen)
        if folder.exists() and not folder.is_dir():
            raise BenchError(f"BENCH_CACHE={chosen} is a file: name a folder, or leave it out")
        return folder
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "bench"
    try:
        return Path.home() / ".cache" / "bench"
    except RuntimeError:  # there is no HOME, and the system does not know the user
        return homeless_folder()


@lru_cache(maxsize=1)
def homeless_folder() -> Path:
    """A folder of this user alone, the same each time where nobody else could have made it."""
    folder = Path(tempfile.gettempdir()) / f"bench-{os.getuid() if hasattr(os, 'getuid') else ''}"
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        is_private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
        if is_private and found.st_uid == (os.getuid() if hasattr(os, "getuid") else found.st_uid):
            return folder
    return Path(tempfile.mkdtemp(prefix="bench-"))
