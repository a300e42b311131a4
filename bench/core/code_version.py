"""The version of a piece of code: a hash of its file and of all that it imports of ours and of
its own package; of a user's file, of all that lies beside it or in no installed package.

Read from the source, nothing is imported: a change to an adapter, to its network or to the loop
they share makes a new version, a change elsewhere does not. Where a file lies, what it is called
and the lines that import our own modules are left out, so that moving code makes no new version.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from bench.core.installed import installed_version
from bench.core.plugin_files import module_beside

ROOTS = ("bench", "methods")
# Packages whose code shapes a result; messages and tables of `bench` do not.
OURS = ("methods", "bench.operators", "bench.metrics", "bench.rendering", "bench.datasets.factors")


# Their versions decide no result: they read and check what decides it.
PASSIVE = {"pydantic", "safetensors", "typing_extensions"}


def code_digest(target: str) -> str:
    """The version of "module:Class" or "path/to/file.py:Class", 12 hexadecimal digits."""
    digests = sorted(map(content_digest, sources_of(target)))
    return hashlib.sha256("".join(digests).encode()).hexdigest()[:12]


def version_of(target: str, modules: Iterable[str] = ()) -> str:
    """The version of the code and of the installed packages that it imports: what decides what it
    computes. modules: those that it uses without an import."""
    used = {*modules, *libraries_of(target)}
    versions = (
        f"{name}={version}" for name in sorted(used) if (version := installed_version(name))
    )
    return " ".join((code_digest(target), *versions))


def sources_of(target: str) -> set[Path]:
    """Every file of source that shapes what the target computes."""
    place = target.rpartition(":")[0]
    if place.endswith(".py"):
        return closure("", Path(place), OURS, Path(place).resolve().parent)
    start = source_of(place)
    root = place.partition(".")[0]
    own = () if root in ROOTS else (root,)
    return closure(place, start, (*OURS, *own)) if start else set()


def libraries_of(target: str) -> set[str]:
    """The installed packages that these files import, as they are imported."""
    place = target.rpartition(":")[0]
    folder = Path(place).resolve().parent if place.endswith(".py") else None
    tops = {
        name.partition(".")[0]
        for file in sources_of(target)
        for name in imported_names(source_in(file), "")
    }
    return {
        name
        for name in tops - set(sys.stdlib_module_names) - {"", *ROOTS} - PASSIVE
        if not (folder and module_beside(name, folder))
    }


def files_digest(places: Iterable[Path]) -> str:
    """The version of everything in these files and folders, 12 hexadecimal digits.

    Unlike `code_digest` it follows no import and changes with a comment too: it serves where
    doing a thing once too often costs little.
    """
    found = hashlib.sha256()
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and "__pycache__" not in path.parts:
                found.update(f"{path.relative_to(place.parent)}\0".encode())
                found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:12]


def content_digest(path: Path) -> str:
    """Hash of one file without the lines that import modules of `bench` or `methods`."""
    return source_digest(source_in(path))


def source_in(path: Path) -> bytes | str:
    """What a file holds now: bytes of source, or the hash of what is no source."""
    content = path.read_bytes()
    return content if path.suffix == ".py" else hashlib.sha256(content).hexdigest()


@lru_cache(maxsize=512)
def source_digest(source: bytes | str) -> str:
    """Hash of a source without the lines that import modules of ours."""
    if isinstance(source, str):
        return source
    lines = source.splitlines(keepends=True)
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Import | ast.ImportFrom) and imports_ours(node):
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = b""
    return hashlib.sha256(b"".join(lines)).hexdigest()


def parsed(source: bytes | str) -> ast.Module:
    """The source as a tree; an empty one where it is none, which fails when it is imported."""
    with suppress(SyntaxError, ValueError):
        return ast.parse(source if isinstance(source, bytes) else b"")
    return ast.Module([], [])


def imports_ours(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether the statement imports modules of this project, and no others."""
    if isinstance(node, ast.ImportFrom):
        names = [node.module or ""] if not node.level else []
    else:
        names = [alias.name for alias in node.names]
    return bool(names) and all(name.partition(".")[0] in ROOTS for name in names)


def closure(
    module: str, start: Path, packages: tuple[str, ...], folder: Path | None = None
) -> set[Path]:
    """The file of a module and every file that it imports, directly or not, of `packages`, from
    `folder`, or from where nothing is installed."""
    seen: set[Path] = set()
    waiting = [(module, start)]
    while waiting:
        name, path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting.extend(imported(name, path, packages, folder).items())
    return seen


def imported(
    module: str, path: Path, packages: tuple[str, ...], folder: Path | None = None
) -> dict[str, Path]:
    """The modules that one file imports, with their files, as `closure` wants them."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    roots = tuple(f"{root}." for root in packages)
    found: dict[str, Path] = {}
    for name in imported_names(source_in(path), package):
        if f"{name}.".startswith(roots):
            if source := source_of(name):
                found[name] = source
        elif folder:
            found |= of_the_users(name, folder)
    return found


def of_the_users(name: str, folder: Path) -> dict[str, Path]:
    """The files that `import name` runs, its packages' included, from a folder of the user's or
    from elsewhere on the path, where nothing is installed that has a version."""
    parts = name.split(".")
    if parts[0] in {*sys.stdlib_module_names, *ROOTS, ""}:
        return {}
    names = [".".join(parts[: i + 1]) for i in range(len(parts))]
    if any(module_beside(each, folder) for each in names):
        beside = ((each, module_beside(each, folder)) for each in names)
        return {each: file for each, file in beside if file}
    if installed_version(parts[0]):
        return {}
    elsewhere = ((each, source_of(each)) for each in names)
    return {each: file for each, file in elsewhere if file}


@lru_cache(maxsize=512)
def imported_names(source: bytes | str, package: str) -> tuple[str, ...]:
    """Every module that is named by an import in `package`, `from package import module` too."""
    found: list[str] = []
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: 1 - node.level or None] if node.level else []
            name = ".".join([*above, *([node.module] if node.module else [])])
            found += [name, *(f"{name}.{alias.name}" for alias in node.names)]
    return tuple(found)


def source_of(module: str) -> Path | None:
    """The source file of a module, or None if there is no such module."""
    return source_of_ours(module) if module.partition(".")[0] in ROOTS else found_source(module)


def found_source(module: str) -> Path | None:
    """The same, looked for now."""
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, AttributeError, ValueError):
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)


source_of_ours = lru_cache(maxsize=256)(found_source)  # ours stay where they are
