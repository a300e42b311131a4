"""Python's own numbers from what plugins give: numpy's and torch's scalars are taken for them."""

from __future__ import annotations

import math
from typing import Any

MOST_SHOWN = 80


def plain_number(value: Any) -> float | None:
    """The one real number that this is, infinities and NaN included, or None.

    Taken are numbers of Python, numpy and torch, and arrays and tensors of one value; text is not.
    """
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", None) is not None:
        try:
            value = item()
        except (ValueError, RuntimeError):  # it holds several
            return None
    if isinstance(value, str | bytes | complex):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def plain_whole(value: Any, least: int = 0) -> int | None:
    """The whole number that this is, if it is one of at least `least`, or None."""
    number = plain_number(value)
    if number is None or not math.isfinite(number) or number != int(number) or number < least:
        return None
    return int(number)


def shown(value: object) -> str:
    """What something is, for a message: its type, and itself where that is short."""
    kind = type(value)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    if value is None:
        return "None"
    shape = getattr(value, "shape", None)
    if shape is not None:
        return f"{name} of shape {tuple(shape)}"
    try:
        text = repr(value)
    except Exception:
        return name
    return f"{text} ({name})" if len(text) <= MOST_SHOWN else name
