"""The version of a piece of code: a hash of its file and of all of ours that it imports.

Read from the source, nothing is imported: a change to an adapter, to its network or to the loop
they share makes a new version, a change elsewhere does not.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

# Packages whose code shapes a result; messages and tables of `bench` do not.
OURS = ("methods", "bench.operators", "bench.metrics")


def code_digest(target: str) -> str:
    """The version of "module:Class" or "path/to/file.py:Class", 12 hexadecimal digits."""
    place = target.rpartition(":")[0]
    start = Path(place) if place.endswith(".py") else source_of(place)
    digest = hashlib.sha256()
    for path in sorted(closure(start)) if start else ():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def closure(start: Path) -> set[Path]:
    """The file and every file of ours that it imports, directly or not."""
    seen: set[Path] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting.extend(imported(path))
    return seen


@lru_cache(maxsize=256)
def imported(path: Path) -> tuple[Path, ...]:
    """The files of ours that one file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    sources = (source_of(name) for name in imported_names(tree))
    return tuple(source for source in sources if source)


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Every module of ours that is named by an import, `from package import module` included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from (name for name in names if f"{name}.".startswith(tuple(f"{o}." for o in OURS)))


@lru_cache(maxsize=256)
def source_of(module: str) -> Path | None:
    """The source file of a module, or None if there is no such module."""
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, AttributeError, ValueError):
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)
