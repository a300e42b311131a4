"""The timing contract, where it can be checked without a GPU."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
import torch

from bench.machine import allocator, timing

CPU = torch.device("cpu")


def test_what_the_device_was_given_before_is_no_latency_and_what_it_is_given_within_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pending = [0.5]

    def finish(device: torch.device) -> None:
        """Takes as long as what was queued: a device that works behind the caller's back."""
        time.sleep(sum(pending))
        pending.clear()

    monkeypatch.setattr(timing, "synchronise", finish)
    # Its own stands for the CPU time of the process, in which earlier tests may have left threads.
    monkeypatch.setattr(time, "process_time", time.thread_time)
    with timing.measured(CPU) as cost:
        assert not pending  # the earlier work is waited for before the clock starts
        pending.append(0.05)
    assert not pending
    assert 0.05 <= cost.latency_s < 0.5
    assert cost.cpu_s < 0.05
    assert cost.began <= time.perf_counter() - 0.05


PEAKS = """
import sys
import torch
from bench.machine import allocator, timing
if "keep" in sys.argv:
    allocator.keep_freed_memory()
    torch.ones(16_000_000).sum()  # what is kept of it is no memory that later regions did without
cpu = torch.device("cpu")
held = torch.ones(8_000_000)
with timing.measured(cpu) as cost:
    torch.ones(16_000_000).sum()  # 64 MB, freed before the end
with timing.measured(cpu) as idle:
    held.sum()
print(cost.added_mem_bytes, idle.added_mem_bytes)
"""


@pytest.mark.parametrize("freed", ["give", "keep"])
def test_memory_is_what_the_region_adds_at_its_peak(freed: str) -> None:
    if not timing.LINUX:
        pytest.skip("only Linux tells a peak that can be reset")
    # A process of its own: in this one, earlier tests may have left freed pages to reuse.
    command = [sys.executable, "-c", PEAKS, freed]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    added, idle = map(int, done.stdout.split())
    assert 60e6 < added < 200e6
    assert idle < 20e6


FAULTS = """
import resource
import torch
from bench.machine.allocator import keep_freed_memory
keep_freed_memory()
for _ in range(10):
    torch.ones(16_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    torch.ones(16_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_freed_memory_is_kept_for_the_next_step() -> None:
    if not allocator.glibc():
        pytest.skip("only glibc can be told so")
    command = [sys.executable, "-c", FAULTS]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 20_000  # pages; 64 MB have 15,625 of them, ten times over


def test_a_region_that_raises_stays_unmeasured() -> None:
    with pytest.raises(RuntimeError), timing.measured(CPU) as cost:
        raise RuntimeError
    assert cost.latency_s == 0
