"""Classes of third parties, from entry points of installed packages and from files."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from bench.core.errors import BenchError

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
    try:
        module = load_file(Path(place)) if place.endswith(".py") else importlib.import_module(place)
        found = getattr(module, class_name)
    except BenchError:
        raise
    except Exception as error:
        raise BenchError(
            f"{what} {name!r} cannot be loaded from {target}: {reason_of(error)}"
        ) from error
    if not (isinstance(found, type) and issubclass(found, base)):
        raise BenchError(f"{target} is not a subclass of {base.__module__}.{base.__name__}")
    return found


def load_file(path: Path) -> ModuleType:
    """The module in a user's own Python file."""
    if not path.is_file():
        raise BenchError(f"no such file: {path} (classes of your own are path/to/file.py:Class)")
    name = f"bench_user_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BenchError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def reason_of(error: Exception) -> str:
    """What a module raised; an error that is not about the import itself with type and line."""
    if isinstance(error, ImportError | AttributeError | OSError | SyntaxError):
        return str(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({last.filename}:{last.lineno})"
