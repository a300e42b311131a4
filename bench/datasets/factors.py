"""What is known to be in a rendered picture: its factors, from the JSON file beside it.

The file may be a stranger's. It holds one flat object: names to strings (kinds), booleans,
numbers, or lists of numbers (colours); whatever else it holds is refused in words.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from bench.core.errors import BenchError

Value = str | bool | float | tuple[float, ...]

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
MOST_BYTES = 65_536
MOST_FACTORS = 256
LONGEST_KIND = 100
LONGEST_LIST = 16
IDENTITY = "identity"  # the name of whom or what the picture shows, no property of it


@dataclass(frozen=True)
class Known:
    """The factors of one picture of a split, by name."""

    split: str
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Unknown:
    """Why nothing is known of what is in a picture."""

    reason: str


def known_of(picture: Path | None, split: str) -> Known | Unknown:
    """What is known of the picture in that file, or why nothing is."""
    file = picture.with_suffix(".json") if picture else None
    if file is None or not file.is_file():
        return Unknown("what is in the picture is not known: no JSON file of factors beside it")
    try:
        return Known(split, read_factors(file))
    except BenchError as error:
        return Unknown(str(error))


def read_factors(path: Path) -> dict[str, Value]:
    """The factors in a JSON file. Raises `BenchError` with what is wrong with it.

    A message names the file without its folder: that says nothing about the picture.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BenchError(f"{path.name} cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise BenchError(f"{path.name} is longer than the {MOST_BYTES} bytes that factors may take")
    try:
        found = json.loads(data.decode(), parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BenchError(f"{path.name} is no JSON of factors: {error}") from None
    if not isinstance(found, dict) or not found:
        raise BenchError(f"{path.name} holds no object of factors by name")
    if len(found) > MOST_FACTORS:
        raise BenchError(f"{path.name} holds {len(found)} factors; {MOST_FACTORS} are the most")
    return {checked_name(path, name): checked(path, name, value) for name, value in found.items()}


def refuse_constant(name: str) -> NoReturn:
    """NaN and Infinity, which Python's reader would take though JSON has no such numbers."""
    raise ValueError(f"{name} is no number")


def checked_name(path: Path, name: str) -> str:
    """The name of a factor."""
    if not NAME.fullmatch(name):
        raise BenchError(
            f"{path.name}: {name[:70]!r} is no name of a factor: up to 64 lower-case letters, "
            "digits and _"
        )
    return name


def checked(path: Path, name: str, value: object) -> Value:
    """The value of a factor; whole numbers become floats."""
    if isinstance(value, bool) or (isinstance(value, str) and len(value) <= LONGEST_KIND):
        return value
    parts = value if isinstance(value, list) else [value]
    numbers = tuple(number for part in parts if (number := finite(part)) is not None)
    if len(numbers) != len(parts) or not 1 <= len(parts) <= LONGEST_LIST:
        raise BenchError(
            f"{path.name}: {name} is {str(value)[:60]!r}; a factor is a text of at most "
            f"{LONGEST_KIND} letters, true or false, a finite number or a list of at most "
            f"{LONGEST_LIST} of them"
        )
    return numbers if isinstance(value, list) else numbers[0]


def finite(value: object) -> float | None:
    """The number, unless it is none that arithmetic can take."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
