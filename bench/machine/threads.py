"""How many threads a worker computes with: what this process was given, shared among workers."""

from __future__ import annotations

import math
import os
from pathlib import Path

QUOTA = Path("/sys/fs/cgroup/cpu.max")  # of a container, as it sees itself


def usable_cores() -> int:
    """The cores that this process may use: `taskset`, a batch system or a container may have
    left it fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, min(cores, quota() or cores))


def quota() -> int | None:
    """The cores' worth of time that a container may take, rounded up; None where none is set."""
    try:
        most, period = QUOTA.read_text(encoding="ascii").split()
        return math.ceil(int(most) / int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return None


def threads_for(workers: int) -> int:
    """The threads of each of so many workers.

    OMP_NUM_THREADS says it for every process; without it the cores are divided. No process gets
    more threads than there are cores for it.
    """
    cores = usable_cores()
    said = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if said.isascii() and said.isdigit() and int(said) > 0:
        return min(int(said), cores)
    return max(1, cores // workers)
