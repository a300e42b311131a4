"""The command line in a process of its own, and what a run leaves behind."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

from bench.cli import main

ROOT = Path(__file__).resolve().parents[2]
BAD = ROOT / "tests" / "support" / "misbehaving.py"


def bench(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m bench ARGUMENTS`."""
    return subprocess.run(
        [sys.executable, "-m", "bench", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=200,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        check=False,
    )


def bench_here(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same in this process, which has torch already and a server for its workers: a quarter of
    the time. For whatever needs no process of its own: no signal, limit, stream or folder."""
    argv = ["bench", *map(str, arguments)]
    out, err = io.StringIO(), io.StringIO()
    with (
        redirect_stdout(out),
        redirect_stderr(err),
        mock.patch.object(sys, "argv", argv),
        mock.patch.dict(os.environ, {"OMP_NUM_THREADS": "1", **environment}),
    ):
        try:
            main()
            status: object = 0
        except SystemExit as end:
            status = end.code or 0
    assert isinstance(status, int)
    return subprocess.CompletedProcess(argv, status, out.getvalue(), err.getvalue())


def rows(out: Path) -> list[dict[str, str]]:
    """`rows.csv`."""
    with (out / "rows.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def edited(out: Path, change: tuple[str, str]) -> None:
    """The folder as a report without its store, `rows.csv` changed by a stranger."""
    shutil.rmtree(out / "store", ignore_errors=True)
    text = (out / "rows.csv").read_text()
    assert change[0] in text
    (out / "rows.csv").write_text(text.replace(*change))


def states(out: Path) -> Counter[str]:
    """How many rows are in each state."""
    return Counter(row["state"] for row in rows(out))
