"""Values as TOML writes them, and back."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from bench.core.errors import UNREADABLE


def toml(table: Mapping[str, Any]) -> str:
    """TOML of a flat table, tables within it inline; nothing is written for None."""
    return "".join(f"{key_of(key)} = {value_of(v)}\n" for key, v in table.items() if v is not None)


def value_of(value: object) -> str:
    """A TOML value; its strings are escaped as JSON's."""
    if isinstance(value, Mapping):
        pairs = (f"{key_of(key)} = {value_of(v)}" for key, v in value.items() if v is not None)
        return "{ " + ", ".join(pairs) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(value_of(v) for v in value) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # inf and nan, of which JSON has none
    return json.dumps(value, ensure_ascii=False, default=str).replace("\x7f", "\\u007f")


def key_of(key: str) -> str:
    """A key, in quotes where it needs them."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else value_of(key)


def toml_value(text: str) -> Any:
    """The value that `text` is in TOML, or `text` itself."""
    try:
        found = tomllib.loads(f"value = {text}")
    except UNREADABLE:
        return text
    return found["value"] if len(found) == 1 else text  # of several lines


def option_text(value: object) -> str:
    """The text that `toml_value` reads as the value: what `--set METHOD.NAME=` takes."""
    return value if isinstance(value, str) and toml_value(value) == value else value_of(value)
