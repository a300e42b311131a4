"""Mistakes in settings and TOML files, told with the place, the value and what is accepted."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bench.core.errors import UNREADABLE, BenchError, catalogue, nearest


def explain(error: ValidationError, what: str, known: Iterable[str]) -> str:
    """One message for all the mistakes that pydantic found in `what`."""
    names = sorted(known)
    return f"{what}: " + "; ".join(mistake(dict(entry), names) for entry in error.errors())


def mistake(entry: dict[str, object], names: list[str]) -> str:
    """One mistake: the path of the value, and what is wrong with it."""
    location = entry["loc"]
    path = ".".join(str(part) for part in location) if isinstance(location, tuple) else ""
    if entry["type"] == "extra_forbidden":
        key = path.rpartition(".")[2]
        near = nearest(key, names)
        guess = f"; did you mean {' or '.join(near)}?" if near else ""
        return f"unknown name {path!r}{guess or '.'}{catalogue(names, bool(near))}"
    if entry["type"] == "missing":
        return f"{path} is missing"
    return f"{path} = {entry['input']!r}: {entry['msg']}"


def read_toml(path: Path) -> Mapping[str, Any]:
    """The file's contents. Raises `BenchError` with line and column where it is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, *UNREADABLE) as error:
        raise BenchError(f"{path} is not valid TOML: {error}") from None
