"""Pickled arrays of NumPy, as Flax keeps weights, read without running anything.

A pickle is a program. This reader knows three names, which are all that such a file needs, and
puts stand-ins of its own in their place: NumPy itself could be led astray by a false type.
"""

from __future__ import annotations

import io
import math
import pickle
from typing import Any

import numpy as np


class NotArrays(ValueError):
    """A pickle that holds more than float32 arrays by name, or is damaged."""


class _Type:
    """In the place of `numpy.dtype`: float32 of little endian, and nothing else."""

    def __init__(self, code: str, *_: object) -> None:
        if code != "f4":
            raise NotArrays(f"holds numbers of type {code!r}, expected float32")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if state[1] != "<":
            raise NotArrays(f"holds numbers of byte order {state[1]!r}, expected '<'")


class _Array:
    """In the place of `numpy.core.multiarray._reconstruct`: a shape and its bytes."""

    def __init__(self, *_: object) -> None:
        self.value: np.ndarray | None = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, kind, is_fortran, data = state
        sides = [side for side in shape if type(side) is int and side > 0]
        fits = isinstance(data, bytes) and len(data) == 4 * math.prod(sides)
        if len(sides) != len(shape) or not fits or not isinstance(kind, _Type) or is_fortran:
            raise NotArrays(f"holds an array of shape {shape!r} that its bytes do not fill")
        self.value = np.frombuffer(data, "<f4").reshape(sides)


class _Subtype:
    """In the place of `numpy.ndarray`, which the file only names."""


KNOWN = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy", "ndarray"): _Subtype,
    ("numpy", "dtype"): _Type,
}


class _Reader(pickle.Unpickler):
    """Refuses every name but the three."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in KNOWN:
            raise NotArrays(
                f"names {module}.{name} and was not opened any further, since that could run code"
            )
        return KNOWN[module, name]


def read_arrays(data: bytes) -> dict[str, object]:
    """What the pickle holds: mappings of names to mappings, or to read-only float32 arrays.

    Raises `NotArrays`.
    """
    try:
        loaded = _Reader(io.BytesIO(data)).load()
        return {str(name): plain(value) for name, value in loaded.items()}
    except NotArrays:
        raise
    except Exception as error:  # a damaged pickle may raise any
        raise NotArrays(f"is no pickle of arrays: {type(error).__name__}: {error}") from None


def plain(value: object, most: int = 4) -> object:
    """`value` with arrays in place of the stand-ins, to a depth of `most` mappings."""
    if isinstance(value, _Array) and value.value is not None:
        return value.value
    if isinstance(value, dict) and most:
        return {str(name): plain(inner, most - 1) for name, inner in value.items()}
    raise NotArrays(f"holds a {type(value).__name__}, expected arrays by name")
