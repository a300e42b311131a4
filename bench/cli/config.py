"""`--config RUN.toml`: options of `run` from a file, under the same names.

A file that a run wrote, `run.toml` of its folder, is one. What the command line says counts
instead of what the file says. Paths are seen from the folder that the command runs in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import typer

from bench.core.errors import BenchError, UnknownName
from bench.core.toml_files import read_toml
from bench.core.toml_text import option_text

LISTS = ("methods", "metrics", "splits", "scale")  # with commas on the command line
TABLES = {
    "weights": "a table of files, as { esrgan = 'FILE' }",
    "set": "a table of tables, as { pulse = { steps = 600 } }",
}


def read_config(context: typer.Context, path: Path | None) -> Path | None:
    """Make what the file says the defaults of the command. Raises `BenchError`."""
    if path is None or context.resilient_parsing:
        return path
    options = {
        name.removeprefix("--"): parameter
        for parameter in context.command.params
        for name in parameter.opts
        if name.startswith("--") and parameter.name != "config"
    }
    found: dict[str, Any] = {}
    for name, value in read_toml(path).items():
        if name not in options:
            raise UnknownName(f"option in {path}", name, options)
        is_flag = bool(getattr(options[name], "is_flag", False))
        found[str(options[name].name)] = given(path, name, value, is_flag=is_flag)
    context.default_map = {**(context.default_map or {}), **found}
    return path


def given(path: Path, name: str, value: object, *, is_flag: bool) -> object:
    """The value as the command line gives it. Raises `BenchError` for one of another kind."""
    if name in LISTS:
        return ",".join(
            plain(path, name, v) for v in (value if isinstance(value, list) else [value])
        )
    if name in TABLES:
        return list(pairs(path, name, value))
    if is_flag and not isinstance(value, bool):
        raise BenchError(f"{path}: {name} = {value!r}, expected true or false")
    return value if is_flag else plain(path, name, value)


def plain(path: Path, name: str, value: object) -> str:
    """A text or a number as the command line gives it."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise BenchError(f"{path}: {name} = {value!r}, expected a text or a number")
    return str(value)


def pairs(path: Path, name: str, value: object) -> Iterable[str]:
    """`METHOD=FILE` or `METHOD.NAME=VALUE` of the tables."""
    if not isinstance(value, Mapping):
        raise BenchError(f"{path}: {name} = {value!r}, expected {TABLES[name]}")
    for method, inner in value.items():
        if name == "weights":
            yield f"{method}={plain(path, f'{name}.{method}', inner)}"
            continue
        if not isinstance(inner, Mapping):
            raise BenchError(f"{path}: {name}.{method} = {inner!r}, expected {TABLES[name]}")
        yield from (f"{method}.{key}={option_text(chosen)}" for key, chosen in inner.items())
