"""Where the project's data lies: in a checkout beside the packages, in a wheel inside `bench`."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def data_dir(name: str) -> Path:
    """The folder `datasets` or `reports`."""
    installed = PACKAGE / "_data" / name
    return installed if installed.is_dir() else PACKAGE.parent / name


def cache_dir() -> Path:
    """Where things worth keeping between runs go; BENCH_CACHE overrides it."""
    if chosen := os.environ.get("BENCH_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "bench"
