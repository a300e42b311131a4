"""The command line in a process of its own, and what a run leaves behind."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


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


def rows(out: Path) -> list[dict[str, str]]:
    """`rows.csv`."""
    with (out / "rows.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def states(out: Path) -> Counter[str]:
    """How many rows are in each state."""
    return Counter(row["state"] for row in rows(out))
