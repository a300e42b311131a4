"""A user's own Python file as a module, and the modules beside it.

A file imports from its own folder first, as a script does. Two files in different folders may each
have a `helper.py`: each gets its own.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from types import ModuleType

from bench.core.errors import BenchError

OURS = ("bench", "methods")
ENDINGS = (".py", ".so", ".pyd")  # of modules
FOLDERS: list[str] = []  # of the files loaded so far


def load_file(path: Path) -> ModuleType:
    """The module in a user's own Python file."""
    require_file(path)
    name = f"bench_user_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BenchError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    for ours in OURS:  # before a folder can hold others of these names
        importlib.import_module(ours)
    with importing_from(path.resolve().parent):
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return module


def require_file(path: Path) -> None:
    """Raise `BenchError` if there is no such file."""
    if not path.is_file():
        raise BenchError(f"no such file: {path} (classes of your own are path/to/file.py:Class)")


@contextmanager
def importing_from(folder: Path) -> Iterator[None]:
    """The modules of that folder before all others; afterwards behind them.

    No bytecode is written: Python takes it for current by the second and the size of the source,
    and would run an old helper whose new version is on record.
    """
    place = str(folder)
    others = {
        name
        for name, module in list(sys.modules.items())
        if FOLDERS and "." not in name and is_of_another(module, folder)
    }
    for name in list(sys.modules):
        if name.partition(".")[0] in others:
            del sys.modules[name]
    importlib.invalidate_caches()
    writes_none, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.path.insert(0, place)
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes_none
        sys.path.remove(place)
        if place not in sys.path:  # for imports inside functions
            sys.path.append(place)
        if place not in FOLDERS:
            FOLDERS.append(place)


def is_of_another(module: ModuleType, folder: Path) -> bool:
    """Whether a module lies beside a file loaded before, under a name that this folder has too."""
    file = getattr(module, "__file__", None)
    if not file:
        return False
    place = Path(file)
    is_package = place.name == "__init__.py"
    home = place.parent.parent if is_package else place.parent
    name = place.parent.name if is_package else place.stem
    return str(home) in FOLDERS and home != folder and module_beside(name, folder) is not None


def module_beside(name: str, folder: Path) -> Path | None:
    """The file of the module that `import name` finds in a folder, if one does."""
    place = folder.joinpath(*name.split("."))
    package = place / "__init__.py"
    if package.is_file():
        return package
    for ending in ENDINGS:
        if (file := place.with_name(place.name + ending)).is_file():
            return file
    compiled = sorted(place.parent.glob(f"{place.name}.*")) if place.parent.is_dir() else []
    return next((file for file in compiled if file.suffix in ENDINGS[1:]), None)


@contextmanager
def importing() -> Iterator[None]:
    """While code of strangers is imported: the working folder stays, and prints are no output."""
    folder = Path.cwd()
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        with suppress(OSError):
            if not same_folder(folder):
                os.chdir(folder)


def same_folder(folder: Path) -> bool:
    """Whether this is the working folder."""
    try:
        return Path.cwd() == folder
    except OSError:  # it is gone
        return False
