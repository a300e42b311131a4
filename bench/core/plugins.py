"""Classes of third parties, from entry points of installed packages and from files."""

from __future__ import annotations

import importlib
import importlib.metadata
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.core.errors import BenchError
from bench.core.plugin_files import importing, load_file

Base = TypeVar("Base")


@dataclass(frozen=True)
class Plugin:
    """What an entry point says before it is imported."""

    name: str
    origin: str  # the distribution that declares it
    target: str  # "module:Class"


def installed(group: str) -> dict[str, Plugin]:
    """The entry points of the group by name; of two with one name the first found counts."""
    found: dict[str, Plugin] = {}
    for point in importlib.metadata.entry_points(group=group):
        origin = point.dist.name if point.dist else "an installed package"
        found.setdefault(point.name, Plugin(point.name, origin, point.value))
    return found


def file_class(spec: str) -> str | None:
    """The class that `path/to/file.py:Class` names, or None for a spec of another form."""
    head, _, tail = spec.rpartition(":")
    return tail if head.endswith(".py") else None


def load_class(what: str, name: str, target: str, base: type[Base]) -> type[Base]:
    """The class at "module:Class" or "path/to/file.py:Class", imported now.

    Raises `BenchError`, whatever its module does, if there is no such subclass of `base`.
    """
    place, _, class_name = target.rpartition(":")
    is_file = place.endswith(".py")
    try:
        with importing():
            module = load_file(Path(place)) if is_file else importlib.import_module(place)
            found = getattr(module, class_name)
    except (BenchError, KeyboardInterrupt):
        raise
    except BaseException as error:  # SystemExit too: a module has no say in how this ends
        raise BenchError(
            f"{what} {name!r} cannot be loaded from {target}: {reason_of(error)}"
        ) from error
    if not (isinstance(found, type) and issubclass(found, base)):
        raise BenchError(f"{target} is not a subclass of {base.__module__}.{base.__name__}")
    return found


def reason_of(error: BaseException) -> str:
    """What a module raised; an error that is not about the import itself with type and line."""
    if isinstance(error, ImportError | AttributeError | OSError | SyntaxError):
        return str(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({last.filename}:{last.lineno})"
