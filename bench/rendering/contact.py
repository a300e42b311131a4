"""Contact sheets of rendered pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.pictures.files import Pixels, read_rgb

COLUMNS = 8
PICTURES = 32


def contact_sheet(paths: Sequence[Path]) -> Pixels:
    """The pictures (S, S, 3) at full size, row by row, eight a row; white where none are left."""
    pictures = [read_rgb(path) for path in paths]
    columns = min(COLUMNS, len(pictures))
    pictures += [np.full_like(pictures[0], 255)] * (-len(pictures) % columns)
    rows = [pictures[start : start + columns] for start in range(0, len(pictures), columns)]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows])
