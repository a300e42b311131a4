"""Values by their keys."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """The values of each key; keys stand where they first came, equal ones need not be neighbours.

    >>> grouped((word[0], word) for word in ("cat", "car", "face", "cab"))
    {'c': ['cat', 'car', 'cab'], 'f': ['face']}
    """
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
