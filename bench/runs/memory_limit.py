"""Whether a limit on memory leaves room for what every command imports that works.

Below some four gigabytes of address space (`ulimit -v`, as batch systems set it), libraries fail
in ways that tell nothing: an import that never ends, a thread that is missing, rows that failed
for no fault of a method. So where there is such a limit, another process tries first.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

from bench.core.errors import BenchError
from bench.core.processes import safe_path

LIMITS = {"RLIMIT_AS": "ulimit -v", "RLIMIT_DATA": "ulimit -d"}
LIMIT_S = 300.0
SPARE = 256 * 2**20  # threads, and small pictures: bytes that are to be left over
TRIAL = f"""
import bench.execution.worker, bench.report.page, bench.report.plots.figures
import bench.runs.runner, bench.stats
import numpy, torch
from bench.machine.calibration import calibrate
calibrate(torch.device("cpu"))
spare = numpy.ones({SPARE}, numpy.uint8)
"""


def check_memory_limit() -> None:
    """Raise `BenchError` if work cannot be done under the limits that this process was given."""
    limits = limits_here()
    if not limits:
        return
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            [sys.executable, "-c", TRIAL],
            env={**os.environ, **safe_path(os.environ)},
            stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S, check=False,
        )  # fmt: skip
        works = done.returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        works = False
    if not works:
        told = ", ".join(f"{size / 2**30:.2g} GiB by `{name}`" for name, size in limits.items())
        raise BenchError(
            f"memory is limited to {told}, which is too little to import torch and compute: "
            f"raise it, or lift it by `{next(iter(limits))} unlimited`. What is resident counts "
            "for less than half of it; a limit on that (cgroups, Slurm's --mem) does no such harm"
        )


def limits_here() -> dict[str, int]:
    """The limits in bytes, by the command of the shell that sets them."""
    if sys.platform == "win32" or importlib.util.find_spec("resource") is None:
        return {}
    import resource  # noqa: PLC0415 - not of every system

    found = {}
    for name, command in LIMITS.items():
        soft, _ = resource.getrlimit(getattr(resource, name))
        if soft != resource.RLIM_INFINITY:
            found[command] = soft
    return found
