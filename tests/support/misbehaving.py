"""Methods that go wrong in every way a method can; loaded as `misbehaving.py:Name`."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from bench.core.errors import BenchError
from methods.base import Method, Milestone, Restoration, Settings


def enlarged(method: Method, y: Tensor) -> Tensor:
    s = method.task.scale
    return y.repeat_interleave(s, 2).repeat_interleave(s, 3)


class NotANumber(Method):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        image = enlarged(self, y)
        image[0, 0, 0, 0] = float("nan")
        return Restoration(image)


class WrongShape(Method):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(y)


class Raises(Method):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        raise RuntimeError("the | network\n <script> `broke`")


class RefusesToLoad(Method):
    def setup(self, files: object) -> None:
        raise BenchError("the weights are for 8x")

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        raise AssertionError


class OutOfMemory(Method):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        raise torch.OutOfMemoryError("tried to allocate 9000 GiB")


class CrashesOnce(Method):
    """Dies on pictures whose first value is odd."""

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        if round(float(y[0, 0, 0, 0]) * 255) % 2:
            os.kill(os.getpid(), signal.SIGSEGV)
        return Restoration(enlarged(self, y))

    def warm_up(self, y: Tensor) -> int:
        return 0


class WarmsUpBadly(CrashesOnce):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(enlarged(self, y))

    def warm_up(self, y: Tensor) -> int:
        raise RuntimeError("cold")


class AlwaysCrashes(CrashesOnce):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        os._exit(7)


class Sleeps(CrashesOnce):
    class Settings(Settings):
        seconds: float = 60.0

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        time.sleep(self.settings.seconds)
        return Restoration(enlarged(self, y))


class SlowToBegin(CrashesOnce):
    """Takes 0.3 s to load, 0.2 s to warm up and 0.05 s to restore."""

    def setup(self, files: object) -> None:
        time.sleep(0.3)

    def warm_up(self, y: Tensor) -> int:
        time.sleep(0.2)
        return 0

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        time.sleep(0.05)
        return Restoration(enlarged(self, y))


class Random(Method):
    stochastic = True

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        images = []
        for image, seed in zip(enlarged(self, y), seeds, strict=True):
            generator = torch.Generator().manual_seed(seed)
            images.append(image + 0.1 * torch.rand(image.shape, generator=generator))
        return Restoration(torch.stack(images))


class LosesItsWay(Method):
    """Ends well, but had no picture at its milestones."""

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        image, now = enlarged(self, y), time.perf_counter()
        on_the_way = (Milestone(1, image * float("nan"), now), Milestone(2, y, now))
        return Restoration(image, milestones=on_the_way)


class Prints(CrashesOnce):
    """Talks while it works, to both streams, in characters that few encodings have."""

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        for stream in (sys.stdout, sys.stderr):
            print("größer → 大", file=stream, flush=True)
        return Restoration(enlarged(self, y))


class Signs(CrashesOnce):
    """Leaves the number of its process in a folder."""

    class Settings(Settings):
        marks: str

    settings: Settings

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        (Path(self.settings.marks) / f"{os.getpid()}.{round(float(y.sum()) * 1e4)}").touch()
        time.sleep(0.05)
        return Restoration(enlarged(self, y))


class Killed(CrashesOnce):
    """The system ends its process, over each picture so many times; marks in a folder count them."""

    class Settings(Settings):
        marks: str
        times: int = 1

    settings: Settings

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        folder = Path(self.settings.marks)
        own = f"{round(float(y.sum()) * 1e4)}."
        if len(list(folder.glob(f"{own}*"))) < self.settings.times:
            (folder / f"{own}{os.getpid()}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return Restoration(enlarged(self, y))
