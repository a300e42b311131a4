"""The hardware of this machine, as far as timings depend on it."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import torch


def hardware() -> dict[str, Any]:
    """The machine, as far as timings depend on it."""
    gpus = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "gpus": gpus,
        "spin_count": os.environ.get("GOMP_SPINCOUNT"),
    }


def machine_digest(machine: Mapping[str, Any]) -> str:
    """What timings compare within: hash of the architecture, processor, cores and GPUs of
    `hardware()`, 12 hexadecimal digits. A new kernel or another host name is the same machine."""
    parts = [machine["system"].split()[-1], machine["cpu"], machine["cores"], machine["gpus"]]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def cpu_name() -> str:
    """The processor as the system calls it."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
