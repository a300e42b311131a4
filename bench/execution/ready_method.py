"""The method of a job, made ready: loaded, warmed up, its costs counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

import torch

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
from bench.execution.messages import Entered, Job, Loaded, Message, Phase, Refused
from bench.execution.open_method import open_method
from bench.machine.calibration import calibrate
from bench.machine.own_state import OwnState, seed_generators
from bench.machine.timing import memory_in_use


class ReadyMethod:
    """The method of a job, with what it sets for the whole process and the memory that it holds."""

    def __init__(self, job: Job, device: torch.device) -> None:
        self.job = job
        self.device = device
        self.state = OwnState()

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
            facts["macs"] = self.counted(self.warm_up)
        else:
            facts["macs"] = None
        facts |= {
            "load_s": loaded - start,
            "warm_up_s": time.perf_counter() - warming,
            "machine": self.job.machine,
            "weights_read": {role: r.facts for role, r in self.job.cell.readings.items()},
            "timed_under": self.conditions(),
        }
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
        cell = self.job.cell
        first = next(item.picture for item in self.job.items if item.restored_before is None)
        y = given(cell, first).y.to(self.device)
        with precision_of(cell):
            return self.method.warm_up(y)

    def conditions(self) -> str:
        """What timings are taken under, such as `cpu, fp32, 2 threads`."""
        threads, workers = torch.get_num_threads(), self.job.workers
        parts = [
            device_name(self.device),
            self.job.cell.precision,
            f"{threads} thread" + "s" * (threads > 1),
            f"beside others ({workers} workers)" if workers > 1 else "",
        ]
        return ", ".join(part for part in parts if part)

    def restored(self, picture: Picture, seen: Given) -> Restored:
        """The picture, restored. Raises whatever the method raises."""
        with self.state:
            found = restore(self.job.cell, self.method, picture, seen.y, self.held_bytes)
        return replace(found, row=replace(found.row, **self.timing))


def device_name(device: torch.device) -> str:
    """Its type; of a GPU among others that differ, which it is."""
    if device.type != "cuda":
        return device.type
    names = {torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())}
    return f"cuda {torch.cuda.get_device_name(device)}" if len(names) > 1 else "cuda"
