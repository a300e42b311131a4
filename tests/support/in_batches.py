"""Methods that take batches, and go wrong on a black picture or on too many; each call is counted."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence

import torch
from torch import Tensor

from bench.metrics.base import Metric, Sample
from bench.metrics.facts import Direction, MetricFacts
from methods.base import Fit, Method, Milestone, Restoration


def is_black(y: Tensor) -> Tensor:
    """(N,)"""
    return y.flatten(1).amax(1) == 0


class Batched(Method):
    """Nearest neighbour, with the record of a search."""

    batches = "auto"

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        self.task.cache.mkdir(parents=True, exist_ok=True)
        with (self.task.cache / f"calls-{type(self).__name__}").open("a") as file:
            file.write(f"{len(y)}\n")
        s, black = self.task.scale, is_black(y)
        if black.any():
            self.meet_black()
        images = y.repeat_interleave(s, 2).repeat_interleave(s, 3)
        return self.returned(images, black)

    def meet_black(self) -> None: ...

    def returned(self, images: Tensor, black: Tensor) -> Restoration:
        fits = tuple(Fit((3.0, 2.0), bool(dark)) for dark in black)
        return Restoration(images, fits, (Milestone(1, images / 2, time.perf_counter()),))

    def warm_up(self, y: Tensor) -> int:
        return 0


class OneByOne(Batched):
    batches = "no"


class WhenAsked(Batched):
    batches = "asked"


class Raises(Batched):
    def meet_black(self) -> None:
        raise RuntimeError("too dark")


class Crashes(Batched):
    def meet_black(self) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)


class Hangs(Batched):
    def meet_black(self) -> None:
        time.sleep(600)


class Spoils(Batched):
    def returned(self, images: Tensor, black: Tensor) -> Restoration:
        images[black, 0, 0, 0] = float("nan")
        return Restoration(images)


class Miscounts(Batched):
    def returned(self, images: Tensor, black: Tensor) -> Restoration:
        return Restoration(images[:1])


class TakesTwo(Batched):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        if len(y) > 2:
            raise torch.OutOfMemoryError("tried to allocate 9000 GiB")
        return super().restore(y, seeds)


class CrashesOnBlack(Metric):
    """Takes its process along."""

    facts = MetricFacts("crashes_on_black", "Crashes", Direction.HIGHER, "", "crashes/v0")

    def score(self, sample: Sample) -> list[float]:
        if is_black(sample.restored).any():
            os._exit(9)
        return [1.0]
