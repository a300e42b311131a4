"""What works without POSIX, as far as that can be tried on it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bench.core.files import try_lock
from bench.core.rows import RowState
from bench.execution.process import meaning_of
from tests.support.commands import ROOT, states

# A Python that has what Windows has: no fcntl, no fork, no SIGHUP.
WITHOUT_POSIX = """
import multiprocessing, os, signal, sys
import psutil  # on Linux it needs one of them itself
for name in ("fcntl", "resource", "termios", "pwd", "grp", "tty", "pty"):
    sys.modules[name] = None
for name in ("SIGHUP", "SIGXCPU", "SIGUSR1", "SIGUSR2"):
    delattr(signal, name)
for name in ("sched_getaffinity", "getuid"):
    delattr(os, name)
multiprocessing.get_all_start_methods = lambda: ["spawn"]
"""


def test_a_run_needs_neither_fcntl_nor_fork(data: Path, suite: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(WITHOUT_POSIX)
    path = os.pathsep.join((str(tmp_path / "site"), str(ROOT)))
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-m", "bench", "run", "--suite", suite, "--data", data, "--splits", "face",
         "--images", "2", "--methods", "nearest", "--out", out],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert states(out) == {"ok": 2}


def test_a_lock_is_one_process_s_until_its_file_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("ab") as first:
        assert try_lock(first.fileno())
        with path.open("ab") as second:
            assert not try_lock(second.fileno())
        holder = subprocess.run(
            [sys.executable, "-c", "import sys; from bench.core.files import try_lock\n"
             f"file = open({str(path)!r}, 'ab'); print(try_lock(file.fileno()))"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert holder.stdout == "False\n"
    with path.open("ab") as third:
        assert try_lock(third.fileno())


def test_every_exit_code_has_a_meaning() -> None:
    assert meaning_of(-9)[0] is RowState.OUT_OF_MEMORY
    assert "SIGSEGV" in meaning_of(-11)[1]
    assert "signal 40" in meaning_of(-40)[1]  # of real time, without a name
    assert "3221225477" in meaning_of(3221225477)[1]  # an access violation, on Windows
