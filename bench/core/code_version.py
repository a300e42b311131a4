"""The version of a piece of code: a hash of its file and of all that it imports of ours and of
its own package.

Read from the source, nothing is imported: a change to an adapter, to its network or to the loop
they share makes a new version, a change elsewhere does not. Where a file lies, what it is called
and the lines that import our own modules are left out, so that moving code makes no new version.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOTS = ("bench", "methods")
# Packages whose code shapes a result; messages and tables of `bench` do not.
OURS = ("methods", "bench.operators", "bench.metrics", "bench.rendering", "bench.datasets.factors")


def code_digest(target: str) -> str:
    """The version of "module:Class" or "path/to/file.py:Class", 12 hexadecimal digits."""
    place = target.rpartition(":")[0]
    if place.endswith(".py"):
        files = closure("", Path(place), OURS)
    else:
        start = source_of(place)
        root = place.partition(".")[0]
        own = () if root in ROOTS else (root,)
        files = closure(place, start, (*OURS, *own)) if start else set()
    return hashlib.sha256("".join(sorted(map(content_digest, files))).encode()).hexdigest()[:12]


@lru_cache(maxsize=256)
def content_digest(path: Path) -> str:
    """Hash of one file without the lines that import modules of `bench` or `methods`."""
    source = path.read_bytes()
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom) and imports_ours(node):
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = b""
    return hashlib.sha256(b"".join(lines)).hexdigest()


def imports_ours(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether the statement imports modules of this project, and no others."""
    if isinstance(node, ast.ImportFrom):
        names = [node.module or ""] if not node.level else []
    else:
        names = [alias.name for alias in node.names]
    return bool(names) and all(name.partition(".")[0] in ROOTS for name in names)


def closure(module: str, start: Path, packages: tuple[str, ...]) -> set[Path]:
    """The file of a module and every file of `packages` that it imports, directly or not."""
    seen: set[Path] = set()
    waiting = [(module, start)]
    while waiting:
        name, path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting.extend(imported(name, path, packages))
    return seen


@lru_cache(maxsize=256)
def imported(module: str, path: Path, packages: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
    """The modules of `packages` that one file imports, with their files."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    roots = tuple(f"{root}." for root in packages)
    names = (name for name in imported_names(tree, package) if f"{name}.".startswith(roots))
    sources = ((name, source_of(name)) for name in names)
    return tuple((name, source) for name, source in sources if source)


def imported_names(tree: ast.AST, package: str) -> Iterator[str]:
    """Every module that is named by an import in `package`, `from package import module` too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: 1 - node.level or None] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)


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
