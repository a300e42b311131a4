"""With how many of its threads a worker restores one picture soonest.

Small networks are faster with one than with two: their operations are too short to be shared.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

ROUNDS = 5  # in which every number of threads takes its turn
LONG_S = 0.5  # what takes longer is large enough for all threads, and too long to be tried often


def fastest_threads(work: Callable[[], object], most: int) -> int:
    """With how many threads of `most` the work is done soonest: 1, 2, 4 ... or all of them.

    They take turns, and each counts with its best time, so that other work on the machine does
    not decide. Raises what `work` raises.
    """
    powers = (1 << power for power in range(most.bit_length()))
    times = dict.fromkeys(sorted({*powers, most}), math.inf)
    if len(times) == 1 or seconds_of(work, most) > LONG_S:
        return most
    for _ in range(ROUNDS):
        for threads, best in times.items():
            times[threads] = min(best, seconds_of(work, threads))
    return min(times, key=times.__getitem__)


def seconds_of(work: Callable[[], object], threads: int) -> float:
    """What the work takes with so many threads."""
    with computing_with(threads):
        began = time.perf_counter()
        work()
        return time.perf_counter() - began


@contextmanager
def computing_with(threads: int) -> Iterator[None]:
    """Within, torch computes with so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
