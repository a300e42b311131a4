"""Folders of rendered pictures: the mark that tells them, and their files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.core.errors import BenchError, some
from bench.pictures.files import SUFFIXES

MARK = "render.json"


def is_rendered(folder: Path) -> bool:
    """Whether the pictures of a folder were rendered by this project.

    Raises `BenchError` if others lie among them: those without factors.
    """
    if not (folder / MARK).is_file():
        return False
    strangers = [p.name for p in pictures_in(folder) if not p.with_suffix(".json").is_file()]
    if strangers:
        raise BenchError(
            f"{folder} is a folder of rendered pictures ({MARK}), but {len(strangers)} in it have "
            f"no factors beside them: {some(strangers)}; move pictures of another origin elsewhere"
        )
    return True


def pictures_in(folder: Path) -> Sequence[Path]:
    """Its picture files by name; none where there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.suffix in SUFFIXES and p.name[0] != ".")
