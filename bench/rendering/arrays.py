"""Arrays of float32, the precision of everything that is traced."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float32]


def array(values: ArrayLike) -> Array:
    """The values as float32."""
    return np.asarray(values, np.float32)
