"""When two scores are the same: as near as rounding may have put them apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

# The same picture, scored on another machine or in another order of summation, differs by less,
# and always in the same direction. It is a part of the larger score; below 1, where a sum of
# large parts may have come to next to nothing (a cosine, a distance), a part of 1. That is a
# hundredth of the last digit that any table shows.
RESOLUTION = 1e-6


def are_equal(a: ArrayLike, b: ArrayLike) -> NDArray[np.bool_]:
    """Where the scores `a` and `b`, which broadcast, are the same but for rounding."""
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    scale = np.maximum(1.0, np.maximum(np.abs(first), np.abs(second)))
    return np.asarray(np.abs(first - second) <= RESOLUTION * scale)
