"""Reading the values of options that are lists or pairs."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.core.errors import BenchError
from bench.core.toml_text import toml_value
from methods.variants import variant_of


def comma_list(flag: str, text: str | None) -> tuple[str, ...]:
    """`a,b` as ("a", "b"); an option that was not given as ().

    Raises `BenchError` where nothing stands before, between or after commas: what a variable of
    the shell was to give would go missing without a word.
    """
    if text is None:
        return ()
    parts = tuple(part.strip() for part in text.split(","))
    if not all(parts):
        what = "lacks a name" if any(parts) else "names none"
        raise BenchError(
            f"{flag} {text!r} {what}: write names with commas between them, or leave it out"
        )
    return parts


def scale_list(text: str | None) -> tuple[int, ...]:
    """`8,16` as (8, 16)."""
    scales = []
    for part in comma_list("--scale", text):
        if not re.fullmatch(r"[0-9]{1,9}", part) or int(part) < 2:
            raise BenchError(
                f"--scale {part!r}: a scale is a whole number of at least 2, such as 16"
            )
        scales.append(int(part))
    return tuple(scales)


def batch_size(text: str) -> int | None:
    """`16` as 16, `auto` as None."""
    if text == "auto":
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < 1:
        raise BenchError(
            f"--batch {text!r}: a batch is auto or a whole number of at least 1, such as 16"
        )
    return int(text)


def weight_files(pairs: Iterable[str]) -> Mapping[str, Path]:
    """`METHOD=FILE` pairs; a variant is `METHOD@NAME=FILE`."""
    files: dict[str, Path] = {}
    for pair in pairs:
        method, equals, file = pair.partition("=")
        if not (method and equals and file):
            raise BenchError(f"--weights {pair!r}: write it as METHOD=FILE")
        if not Path(file).is_file():
            raise BenchError(f"--weights {pair!r}: there is no file {file}")
        if method in files:
            plain = variant_of(method)[0]
            raise BenchError(
                f"--weights names two files for {method}: {files[method]} and {file}. As variants "
                f"both stand in one run: --methods {method},{plain}@NAME "
                f"--weights {method}={shlex.quote(str(files[method]))} "
                f"--weights {plain}@NAME={shlex.quote(file)}"
            )
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
        value = toml_value(text)
        given = settings.setdefault(method, {})
        if name in given and given[name] != value:
            plain = variant_of(method)[0]
            raise BenchError(
                f"--set {target} is given twice, {given[name]!r} and {value!r}. As variants "
                f"both stand in one run: --methods {method},{plain}@NAME "
                f"--set {plain}@NAME.{name}={text}"
            )
        given[name] = value
    return settings


def margins(pairs: Iterable[str]) -> Mapping[str, float]:
    """`METRIC=VALUE` pairs; a value is a number of at least 0."""
    chosen: dict[str, float] = {}
    for pair in pairs:
        column, equals, text = pair.partition("=")
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (column and equals and value >= 0):
            raise BenchError(f"--margin {pair!r}: write it as METRIC=VALUE, as psnr_rgb_db=0.1")
        if chosen.get(column, value) != value:
            raise BenchError(f"--margin {column} is given twice, {chosen[column]:g} and {value:g}")
        chosen[column] = value
    return chosen
