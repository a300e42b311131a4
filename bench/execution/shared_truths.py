"""Where the workers of a run share what metrics compute of truths: a folder for each split."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from bench.planning.cell import Cell


class SharedTruths:
    """Folders in one of the run's own, each from the first cell of its split to the last."""

    def __init__(self, folder: Path | None, cells: Iterable[Cell]) -> None:
        """folder: None where nothing can be written. cells: of the whole run."""
        self.folder = folder
        self.left = Counter(cell.split.name for cell in cells)
        self.shared = {split for split, count in self.left.items() if count > 1}

    def of(self, cell: Cell) -> Path | None:
        """The folder of the cell's split; None where no other cell would look into it."""
        if self.folder is None or cell.split.name not in self.shared:
            return None
        folder = self.folder / name_of(cell.split.name)
        with suppress(OSError):
            folder.mkdir(exist_ok=True)
        return folder

    def finished(self, cell: Cell) -> None:
        """Account for a finished cell: with the last one of its split the folder goes."""
        self.left[cell.split.name] -= 1
        if self.folder is not None and not self.left[cell.split.name]:
            shutil.rmtree(self.folder / name_of(cell.split.name), ignore_errors=True)


def name_of(split: str) -> str:
    """A name that any system takes, for a split that a user named."""
    return hashlib.sha256(split.encode()).hexdigest()[:16]
