"""Pickled arrays of NumPy, as Flax and TensorLayer keep weights, read without running anything.

A pickle is a program. This reader knows the few names that such a file needs, and puts stand-ins of
its own in their place: NumPy itself could be led astray by a false type.
"""

from __future__ import annotations

import io
import math
import pickle
from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np

NUMBERS, OBJECTS = "f4", ("O", "O8", "O4")  # types of arrays; O4 is that of old machines
MOST = 100_000  # values in all: a small pickle may name one of its mappings again and again


class NotArrays(ValueError):
    """A pickle that holds more than float32 arrays, or is damaged."""


class _StandIn:
    """In the place of a name. What would set its attributes is refused, on the class as well."""

    def __setstate__(self, state: Any) -> None:
        raise NotArrays(f"sets a state of {type(self).__name__}")


class _Type(_StandIn):
    """In the place of `numpy.dtype`: float32 of little endian, or a list's objects."""

    def __init__(self, code: object, *_: object) -> None:
        self.code = text(code)
        if self.code not in (NUMBERS, *OBJECTS):
            raise NotArrays(f"holds numbers of type {self.code!r}, expected float32")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if text(state[1]) != ("<" if self.code == NUMBERS else "|"):
            raise NotArrays(f"holds numbers of byte order {state[1]!r}, expected '<'")


class _Array(_StandIn):
    """In the place of `numpy.core.multiarray._reconstruct`: a shape and its bytes, or objects."""

    def __init__(self, *_: object) -> None:
        self.value: np.ndarray | None = None
        self.objects: list[object] | None = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, kind, is_fortran, data = state
        if isinstance(kind, _Type) and kind.code in OBJECTS:
            if not isinstance(data, list) or shape != (len(data),):
                raise NotArrays(f"holds a list of shape {shape!r} that its entries do not fill")
            self.objects = data
            return
        data = data.encode("latin1") if isinstance(data, str) else data  # as Python 2 wrote it
        sides = [side for side in shape if type(side) is int and side > 0]
        fits = isinstance(data, bytes) and len(data) == 4 * math.prod(sides)
        if len(sides) != len(shape) or not fits or not isinstance(kind, _Type) or is_fortran:
            raise NotArrays(f"holds an array of shape {shape!r} that its bytes do not fill")
        self.value = np.frombuffer(data, "<f4").reshape(sides)


class _Subtype(_StandIn):
    """In the place of `numpy.ndarray`, which the file only names."""


class _Encoded(_StandIn):
    """In the place of `_codecs.encode`, by which protocol 2 has bytes."""

    def __new__(cls, characters: str, encoding: str) -> bytes:  # type: ignore[misc]
        if encoding != "latin1":
            raise NotArrays(f"holds bytes as {encoding!r}, expected 'latin1'")
        return characters.encode("latin1")


KNOWN = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,  # since NumPy 2
    ("numpy", "ndarray"): _Subtype,
    ("numpy", "dtype"): _Type,
    ("_codecs", "encode"): _Encoded,
}


class _Reader(pickle.Unpickler):
    """Refuses every other name."""

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
    loaded, counter = load(data), count()
    if not isinstance(loaded, dict):
        raise NotArrays(f"holds a {type(loaded).__name__}, expected arrays by name")
    return {str(name): plain(value, counter) for name, value in loaded.items()}


def read_list(data: bytes) -> list[np.ndarray]:
    """What the pickle holds: an array of objects, each of them a read-only float32 array.

    Raises `NotArrays`.
    """
    loaded = load(data)
    if not isinstance(loaded, _Array) or loaded.objects is None:
        raise NotArrays(f"holds a {type(loaded).__name__}, expected a list of arrays")
    arrays = [numbers(entry) for entry in loaded.objects]
    if (claimed := sum(array.nbytes for array in arrays)) > len(data):
        raise NotArrays(f"has {len(data)} bytes, but its arrays claim to be {claimed}")
    return arrays


def load(data: bytes) -> object:
    """The pickle, with stand-ins in it."""
    try:
        return _Reader(io.BytesIO(data), encoding="latin1").load()
    except NotArrays:
        raise
    except Exception as error:  # a damaged pickle may raise any
        raise NotArrays(f"is no pickle of arrays: {type(error).__name__}: {error}") from None


def plain(value: object, counter: Iterator[int], most: int = 4) -> object:
    """`value` with arrays in place of the stand-ins, to a depth of `most` mappings."""
    if next(counter) > MOST:
        raise NotArrays(f"holds more than {MOST} values, more than any network has")
    if isinstance(value, dict) and most:
        return {str(name): plain(inner, counter, most - 1) for name, inner in value.items()}
    return numbers(value)


def numbers(value: object) -> np.ndarray:
    """The array of a stand-in."""
    if isinstance(value, _Array) and value.value is not None:
        return value.value
    if isinstance(value, _Array) and value.objects is not None:
        raise NotArrays(f"holds numbers of type {OBJECTS[1]!r}, expected float32")
    raise NotArrays(f"holds a {type(value).__name__}, expected arrays by name")


def text(value: object) -> object:
    """A name, which Python 2 wrote as bytes."""
    return value.decode("latin1") if isinstance(value, bytes) else value
