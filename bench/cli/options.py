"""Reading the values of options that are lists or pairs."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.core.errors import BenchError


def comma_list(text: str | None) -> tuple[str, ...]:
    """`a,b` as ("a", "b"); nothing as ()."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def scale_list(text: str | None) -> tuple[int, ...]:
    """`8,16` as (8, 16)."""
    scales = []
    for part in comma_list(text):
        if not part.isdecimal() or int(part) < 2:
            raise BenchError(
                f"--scale {part!r}: a scale is a whole number of at least 2, such as 16"
            )
        scales.append(int(part))
    return tuple(scales)


def weight_files(pairs: Iterable[str]) -> Mapping[str, Path]:
    """`METHOD=FILE` pairs."""
    files = {}
    for pair in pairs:
        method, equals, file = pair.partition("=")
        if not (method and equals and file):
            raise BenchError(f"--weights {pair!r}: write it as METHOD=FILE")
        if not Path(file).is_file():
            raise BenchError(f"--weights {pair!r}: there is no file {file}")
        files[method] = Path(file)
    return files


def method_settings(pairs: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
    """`METHOD.NAME=VALUE` pairs; a value is read as TOML, and as text where it is none."""
    settings: dict[str, dict[str, Any]] = {}
    for pair in pairs:
        target, equals, text = pair.partition("=")
        method, dot, name = target.partition(".")
        if not (method and dot and name and equals):
            raise BenchError(f"--set {pair!r}: write it as METHOD.NAME=VALUE, as pulse.steps=50")
        settings.setdefault(method, {})[name] = toml_value(text)
    return settings


def margins(pairs: Iterable[str]) -> Mapping[str, float]:
    """`METRIC=VALUE` pairs; a value is a number of at least 0."""
    chosen = {}
    for pair in pairs:
        column, equals, text = pair.partition("=")
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (column and equals and value >= 0):
            raise BenchError(f"--margin {pair!r}: write it as METRIC=VALUE, as psnr_rgb_db=0.1")
        chosen[column] = value
    return chosen


def toml_value(text: str) -> Any:
    """The value that `text` is in TOML, or `text` itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
