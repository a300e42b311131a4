"""Starting processes so that nothing around this one decides what they run.

- Folders: a process that Python starts looks for modules in the working folder first. If that has
  a `random.py`, a `bench.py` or a `methods`, they would be imported instead of the real ones.
- Scripts: each process would run the caller's script again, and one without
  `if __name__ == "__main__"` would start the whole run anew in every worker. Workers need nothing
  of it, so they are not told of it.
- Temporary folders: the path of a socket has some hundred characters, and TMPDIR may have as many.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import util
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any

from bench.core.paths import PACKAGE
from bench.core.streams import settled

SITES = ("site-packages", "dist-packages")
# Of a folder that gets a socket: 104 bytes on macOS, less the two names below it.
LONGEST_FOLDER = 60
SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - private folders are made in them


def start(
    target: Callable[..., None], *arguments: Any, preloaded: Sequence[str] = ()
) -> BaseProcess:
    """A daemon that runs `target`.

    It is forked from a server that has imported `preloaded` once and computed nothing: quick, and
    safe where forking this process, with its threads, would not be. Where a system has no such
    servers it is started anew.
    """
    context = context_for_workers(preloaded)
    environment = dict(os.environ)
    process: BaseProcess = context.Process(  # type: ignore[attr-defined]
        target=begin, args=(environment, target, arguments), daemon=True
    )
    with undisturbed():
        process.start()
    return process


def begin(environment: Mapping[str, str], target: Callable[..., None], arguments: Any) -> None:
    """What the new process runs."""
    os.environ.clear()
    os.environ.update(environment)
    with settled():
        target(*arguments)


def context_for_workers(preloaded: Sequence[str]) -> BaseContext:
    """How processes are made here."""
    if "forkserver" in multiprocessing.get_all_start_methods() and has_room_for_sockets():
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(preloaded))
        return context
    return multiprocessing.get_context("spawn")


def has_room_for_sockets() -> bool:
    """Whether the folder of multiprocessing's sockets, chosen now, has a path short enough."""
    try:
        folders = [tempfile.gettempdir(), *SHORT_FOLDERS]
    except FileNotFoundError:  # not even the working folder can be written
        return False
    short = (folder for folder in folders if len(os.fsencode(folder)) <= LONGEST_FOLDER)
    chosen = next((f for f in short if os.access(f, os.W_OK | os.X_OK)), None)
    if chosen is None:
        return False
    before, tempfile.tempdir = tempfile.tempdir, chosen
    try:
        # It remembers its folder, and may have one already.
        return len(os.fsencode(util.get_temp_dir())) <= LONGEST_FOLDER + len("/pymp-12345678")
    finally:
        tempfile.tempdir = before


@contextmanager
def undisturbed() -> Iterator[None]:
    """Processes that are started within import what this one would, and nothing of its caller's."""
    caller, before = sys.modules["__main__"], dict(os.environ)
    sys.modules["__main__"] = ModuleType("__main__")
    os.environ.update(safe_path(before))
    try:
        yield
    finally:
        sys.modules["__main__"] = caller
        for name in ("PYTHONSAFEPATH", "PYTHONPATH"):
            os.environ.pop(name, None)
            if name in before:
                os.environ[name] = before[name]


def safe_path(environment: Mapping[str, str]) -> dict[str, str]:
    """Settings by which Python leaves out the working folder and still finds this package."""
    own = str(PACKAGE.parent)
    known = [part for part in environment.get("PYTHONPATH", "").split(os.pathsep) if part]
    # Before the standard library, as PYTHONPATH is, a folder of installed packages does harm.
    if PACKAGE.parent.name not in SITES and own not in map(os.path.abspath, known):
        known.append(own)
    settings = {"PYTHONSAFEPATH": "1"}
    return settings | ({"PYTHONPATH": os.pathsep.join(known)} if known else {})
