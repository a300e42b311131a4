"""The method of a job, made ready: loaded, warmed up, its costs counted, its threads chosen."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from bench.core.errors import describe
from bench.core.plain import plain_whole
from bench.datasets.splits import Picture
from bench.execution.attempt import (
    Given,
    Restored,
    given,
    precision_of,
    restore,
    state_of,
)
from bench.execution.compiled import compile_networks, compiling_s
from bench.execution.messages import Entered, Job, Loaded, Message, Phase, Refused
from bench.execution.open_method import open_method
from bench.execution.together import restore_together
from bench.machine.calibration import calibrate
from bench.machine.fastest_threads import computing_with, fastest_threads
from bench.machine.memory import free_memory
from bench.machine.own_state import OwnState, seed_generators
from bench.machine.timing import measured, memory_in_use

# Larger batches gain little more (a step of PULSE on the small bank, two threads: 9.7 ms a picture
# in batches of 16), and are lost whole where a run is interrupted.
LARGEST = {"cpu": 16}
LARGEST_ELSEWHERE = 64
SHARE = 0.5  # of the free memory


class ReadyMethod:
    """The method of a job, with what it sets for the whole process and the memory that it holds."""

    def __init__(self, job: Job, device: torch.device) -> None:
        self.job = job
        self.device = device
        self.state = OwnState()
        self.threads = job.threads_alone or job.threads
        self.added_bytes: int | None = None  # by restoring one picture

    def prepare(self) -> Generator[Message, None, Refused | None]:
        """Load the method and warm it up, phase by phase. Returns why that cannot be."""
        facts: dict[str, Any] = {}
        yield Entered(Phase.LOADING)
        empty_bytes, start = memory_in_use(self.device), time.perf_counter()
        try:
            with self.state:
                self.load()
        except BaseException as error:
            return Refused(state_of(error), describe(error))
        loaded = time.perf_counter()
        self.held_bytes = max(memory_in_use(self.device) - empty_bytes, 0)
        facts["parameters"] = self.counted(self.method.parameters)
        warming = time.perf_counter()
        if self.job.warm_up:
            yield Entered(Phase.WARMING_UP)
            with measured(self.device) as cost:
                facts["macs"] = self.counted(self.warm_up)
            self.added_bytes = cost.added_mem_bytes
        else:
            facts["macs"] = None
        facts |= {
            "load_s": loaded - start,
            "warm_up_s": time.perf_counter() - warming,
            "threads": self.job.threads,
            "threads_alone": self.choose_threads(),
            "machine": self.job.machine,
            "weights_read": {role: r.facts for role, r in self.job.cell.readings.items()},
            "timed_under": self.conditions(),
        }
        if self.job.cell.compiled:
            yield Entered(Phase.COMPILING)
            try:
                facts["compile_s"] = self.compile()
            except BaseException as error:
                return Refused(state_of(error), describe(error))
        self.batch = self.choose_batch()
        yield Entered(Phase.CALIBRATING)
        facts["calibration_s"], facts["calibration_cpu_s"] = calibrate(self.device)
        timing = ("machine", "timed_under", "calibration_s", "calibration_cpu_s")
        self.timing = {name: facts[name] for name in timing}
        yield Loaded(facts)
        return None

    def load(self) -> None:
        """Make the method and set it up. Raises whatever it raises."""
        seed_generators(self.job.cell.seed)
        self.method = open_method(self.job.cell, self.device, self.job.cache)

    def counted(self, count: Callable[[], object]) -> int | None:
        """What the method counts; None if it fails at that, or tells no whole number."""
        try:
            with self.state:
                return plain_whole(count())
        except BaseException:
            return None

    def warm_up(self) -> object:
        """Multiply-accumulates of restoring the first picture.

        If that fails, the picture gets its own row for it, as the others get theirs.
        """
        y = self.first_y()
        with precision_of(self.job.cell):
            return self.method.warm_up(y)

    def first_y(self) -> Tensor:
        """The first picture that is to be restored, degraded."""
        first = next(item.picture for item in self.job.items if item.restored_before is None)
        return given(self.job.cell, first).y.to(self.device)

    def choose_threads(self) -> int:
        """Those that one picture is restored with: chosen once, and kept with the cell."""
        if self.job.warm_up and self.job.threads_alone is None and self.device.type == "cpu":
            with suppress(BaseException), self.state, precision_of(self.job.cell):
                y = self.first_y()
                self.threads = fastest_threads(lambda: self.method.rehearse(y), self.job.threads)
        return self.threads

    def compile(self) -> float | None:
        """Compile the networks for one picture, and say how many seconds that took; None if the
        method has none, or nothing is left to restore. Raises `NotCompiled`."""
        first = next((i.picture for i in self.job.items if i.restored_before is None), None)
        if first is None or not compile_networks(self.method):
            return None
        y = given(self.job.cell, first).y.to(self.device)
        with computing_with(self.threads), self.state, precision_of(self.job.cell):
            return compiling_s(lambda: self.method.rehearse(y))

    def choose_batch(self) -> int:
        """How many pictures are restored at once."""
        batches, asked = self.method.batches, self.job.batch
        if batches == "no":
            return 1
        if asked is not None:
            return asked
        if batches == "asked" or self.added_bytes is None:
            return 1
        room = SHARE * free_memory(self.device) / self.job.workers
        largest = LARGEST.get(self.device.type, LARGEST_ELSEWHERE)
        return max(1, min(largest, int(room / max(self.added_bytes, 1))))

    def conditions(self) -> str:
        """What timings are taken under, such as `cpu, fp32, 2 threads`."""
        threads, workers = torch.get_num_threads(), self.job.workers
        parts = [
            device_name(self.device),
            self.job.cell.precision,
            "compiled" if self.job.cell.compiled else "",
            f"{threads} thread" + "s" * (threads > 1),
            f"beside others ({workers} workers)" if workers > 1 else "",
        ]
        return ", ".join(part for part in parts if part)

    def restored(self, picture: Picture, seen: Given) -> Restored:
        """The picture, restored. Raises whatever the method raises."""
        with computing_with(self.threads), self.state:
            found = restore(self.job.cell, self.method, picture, seen.y, self.held_bytes)
        return self.placed(found, self.threads)

    def restored_together(
        self, pictures: Sequence[Picture], seen: Sequence[Given]
    ) -> list[Restored | None]:
        """The pictures, restored at once with all threads; None of those to be tried alone."""
        with self.state:
            ys = [one.y for one in seen]
            found = restore_together(self.job.cell, self.method, pictures, ys)
        return [one and self.placed(one, self.job.threads) for one in found]

    def placed(self, found: Restored, threads: int) -> Restored:
        """The same, its row saying under what conditions it was timed."""
        return replace(found, row=replace(found.row, threads=threads, **self.timing))


def device_name(device: torch.device) -> str:
    """Its type; of a GPU among others that differ, which it is."""
    if device.type != "cuda":
        return device.type
    names = {torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())}
    return f"cuda {torch.cuda.get_device_name(device)}" if len(names) > 1 else "cuda"
