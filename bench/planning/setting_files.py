"""The files that a method's settings name, by their content.

A setting is a path where its type says so, or where a file of that name is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.core.errors import BenchError
from bench.weights.search import sha256_of

LONGEST_PATH = 4096  # longer text names no file


def files_in(settings: Mapping[str, Any]) -> dict[str, str]:
    """The sha256 of each file or folder that the settings name, by the setting's place.

    Raises `BenchError` for one that cannot be read. One that is not there has no hash: whether
    that matters, the method knows.
    """
    found = {}
    for place, value in leaves(settings, ""):
        try:
            if digest := setting_digest(value):
                found[place] = digest
        except OSError as error:
            raise BenchError(f"setting {place}: {value} cannot be read: {error.strerror}") from None
    return found


def leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Every single value within, with its place such as `nets.first` or `files.0`."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list | tuple | set | frozenset):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{place}.{number}")
    else:
        yield place, value


def setting_digest(value: Any) -> str | None:
    """The hash of the file that a value names, or of a folder whose type is a path."""
    if not isinstance(value, str | Path) or not 0 < len(str(value)) <= LONGEST_PATH:
        return None
    path = Path(value)
    try:
        if path.is_file():
            return sha256_of(path)
        if not isinstance(value, Path) or not path.is_dir():
            return None
    except ValueError:  # a zero byte is in no name
        return None
    whole = hashlib.sha256()
    for file in sorted(each for each in path.rglob("*") if each.is_file()):
        whole.update(f"{file.relative_to(path)}\0{sha256_of(file)}\n".encode(errors="replace"))
    return whole.hexdigest()
