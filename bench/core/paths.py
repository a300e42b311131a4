"""Where the project's data lies: in a checkout beside the packages, in a wheel inside `bench`."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def data_dir(name: str) -> Path:
    """The folder `datasets` or `reports`."""
    installed = PACKAGE / "_data" / name
    return installed if installed.is_dir() else PACKAGE.parent / name
