"""The timing contract.

What counts as latency: one call of `Method.restore` with a batch of one, from y on the device to
restored pictures on the device. Loading, warming up, making y, scoring and writing are outside.
The device is synchronised at both ends. Beside the wall clock stand the CPU time of the process
(on a busy machine the steadier of the two) and the memory that the region added at its peak to
what was in use before: on a GPU as torch allocated it, on a CPU as the process grew.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import torch

from bench.machine.allocator import return_freed_memory

LINUX = Path("/proc/self/clear_refs").exists()


@dataclass
class Measured:
    """One timed region; filled in when it ends."""

    began: float = 0.0  # `time.perf_counter()` then
    latency_s: float = 0.0
    cpu_s: float = 0.0
    added_mem_bytes: int = 0


@contextmanager
def measured(device: torch.device) -> Iterator[Measured]:
    """Time the region within; a region that raises stays unmeasured."""
    result = Measured()
    synchronise(device)
    before = memory_in_use(device)
    cpu, result.began = time.process_time(), time.perf_counter()
    yield result
    synchronise(device)
    result.latency_s = time.perf_counter() - result.began
    result.cpu_s = time.process_time() - cpu
    result.added_mem_bytes = max(peak_memory(device) - before, 0)


def synchronise(device: torch.device) -> None:
    """Wait until the device has done all that it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def memory_in_use(device: torch.device) -> int:
    """Bytes in use now, from where a new peak begins."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    elif LINUX:
        return_freed_memory()
        Path("/proc/self/clear_refs").write_text("5")
    return peak_memory(device)


def peak_memory(device: torch.device) -> int:
    """Bytes at the peak since `memory_in_use`; off Linux and GPUs, the present resident size."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if LINUX:
        status = Path("/proc/self/status").read_text("utf-8", "replace")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return int(psutil.Process().memory_info().rss)
