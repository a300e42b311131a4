"""Methods and metrics that would damage the measure if they were let; `damaging.py:Name`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bench.core.rows import Part
from bench.metrics.base import Composed, Metric, Sample
from bench.metrics.facts import Direction, MetricFacts
from bench.metrics.psnr import psnr_db
from methods.base import Fit, Method, Milestone, Restoration, Settings


class Fine(Method):
    """Every pixel repeated, as the built-in `nearest` does."""

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.enlarged(y))

    def enlarged(self, y: Tensor) -> Tensor:
        s = self.task.scale
        return y.repeat_interleave(s, 2).repeat_interleave(s, 3)


class WritesIntoY(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        images = self.enlarged(y)
        y.zero_()
        return Restoration(images)


class SetsGlobals(Fine):
    """Leaves the process otherwise than it was, and relies on what it left."""

    def setup(self, files: object) -> None:
        os.chdir(self.task.cache.parent)
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        torch.set_num_threads(7)

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        assert torch.get_default_dtype() is torch.float64
        assert Path.cwd() == self.task.cache.parent
        return Restoration(self.enlarged(y))


class DrawsGlobally(Fine):
    """Its picture is a draw from the global generators."""

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.enlarged(y) * torch.rand(1) * float(np.random.rand()))


class To255(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.enlarged(y) * 255)


class Bytes(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration((self.enlarged(y) * 255).byte())


class Signed(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.enlarged(y) * 2 - 1)


class SignedAndNoted(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.enlarged(y) * 2 - 1, notes=("found on\n two lines",))


class Noted(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.enlarged(y), notes=["found"])  # type: ignore[arg-type]


class NotedInNumbers(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.enlarged(y), notes=(7,))  # type: ignore[arg-type]


class Overshoots(Fine):
    """As networks do: by a little, at a few places."""

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        images = self.enlarged(y).clone()
        images[..., :1, :1] = 1.04
        return Restoration(images)


class BareTensor(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return self.enlarged(y)  # type: ignore[return-value]


class NumpyImages(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.enlarged(y).numpy())  # type: ignore[arg-type]


class Nothing(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return None  # type: ignore[return-value]


class NumpyNumbers(Fine):
    """Scalars of numpy and torch wherever Python's are meant."""

    def warm_up(self, y: Tensor) -> int:
        return np.int64(1234)  # type: ignore[return-value]

    def parameters(self) -> int:
        return torch.tensor(56)  # type: ignore[return-value]

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        images, now = self.enlarged(y), np.float64(time.perf_counter())
        fit = Fit((np.float32(2.0), torch.tensor(1.0), 1), np.bool_(True))  # type: ignore[arg-type]
        on_the_way = Milestone(torch.tensor(1), images, now)  # type: ignore[arg-type]
        return Restoration(images, [fit], [on_the_way])  # type: ignore[arg-type]


class Exits(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        sys.exit(0)


class ExitsInSetup(Fine):
    def setup(self, files: object) -> None:
        sys.exit("no licence")


class SpeechlessError(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        class Mute(Exception):
            def __str__(self) -> str:
                raise RuntimeError("no words")

        raise Mute


class SkipsWithTrue(Fine):
    def skip(self) -> str | None:
        return True  # type: ignore[return-value]


class FailsToAnswer(Fine):
    def needs(self) -> tuple[()]:
        raise RuntimeError("what do I need?")


class NoRestore(Method):
    pass


class LeavesChildren(Fine):
    """Each picture leaves a process behind, and one in a session of its own."""

    class Settings(Settings):
        pids: Path = Path("pids")

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
        left = [subprocess.Popen(sleep), subprocess.Popen(sleep, start_new_session=True)]
        with self.settings.pids.open("a") as file:
            file.write("".join(f"{process.pid}\n" for process in left))
        forked = os.fork()  # holds the pipe to the run open
        if not forked:
            time.sleep(600)
        with self.settings.pids.open("a") as file:
            file.write(f"{forked}\n")
        return super().restore(y, seeds)


class LeavesChildrenAndDies(LeavesChildren):
    def warm_up(self, y: Tensor) -> int:
        return 0

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        super().restore(y, seeds)
        os._exit(7)


def wait_for_ever() -> None:
    while True:
        time.sleep(600)


class EndlessSetup(Fine):
    def setup(self, files: object) -> None:
        wait_for_ever()


class EndlessWarmUp(Fine):
    def warm_up(self, y: Tensor) -> int:
        wait_for_ever()
        return 0


class EndlessRestore(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        wait_for_ever()
        raise AssertionError


class DiesWarmingUp(Fine):
    def warm_up(self, y: Tensor) -> int:
        os._exit(7)


def facts(column: str) -> MetricFacts:
    return MetricFacts(column, column, Direction.HIGHER, "", "psnr/again")


class Spoils(Metric):
    """PSNR, which then blackens everything that it was given."""

    facts = facts("spoils")

    def score(self, sample: Sample) -> Sequence[float]:
        scores = psnr_db(sample.restored, sample.truth).tolist()
        for picture in (sample.restored, sample.truth, sample.y):
            picture.zero_()
        torch.set_default_dtype(torch.float16)
        return scores


class GivesNone(Metric):
    facts = facts("gives_none")

    def score(self, sample: Sample) -> Sequence[float]:
        return None  # type: ignore[return-value]


class GivesNones(Metric):
    facts = facts("gives_nones")

    def score(self, sample: Sample) -> Sequence[float]:
        return [None] * len(sample.truth)  # type: ignore[list-item]


class GivesText(Metric):
    facts = facts("gives_text")

    def score(self, sample: Sample) -> Sequence[float]:
        return ["12.5"]  # type: ignore[list-item]


class GivesBareNumber(Metric):
    facts = facts("gives_bare_number")

    def score(self, sample: Sample) -> Sequence[float]:
        return 12.5  # type: ignore[return-value]


class GivesTooMany(Metric):
    facts = facts("gives_too_many")

    def score(self, sample: Sample) -> Sequence[float]:
        return [1.0, 2.0]


class GivesNumpy(Metric):
    facts = facts("gives_numpy")

    def score(self, sample: Sample) -> Sequence[float]:
        return np.array([12.5], dtype=np.float32)  # type: ignore[return-value]


class GivesTensor(Metric):
    facts = facts("gives_tensor")

    def score(self, sample: Sample) -> Sequence[float]:
        return torch.full((len(sample.truth),), 12.5, requires_grad=True)  # type: ignore[return-value]


class GivesComposed(Metric):
    facts = facts("gives_composed")

    def score(self, sample: Sample) -> Sequence[Composed]:
        part = Part(np.float32(0.5), torch.tensor(1.0), np.float64(0.25))  # type: ignore[arg-type]
        return [Composed(np.float32(12.5), {"edge": part})]  # type: ignore[arg-type]


class ExitsScoring(Metric):
    facts = facts("exits_scoring")

    def score(self, sample: Sample) -> Sequence[float]:
        sys.exit(0)


class DiesScoring(Metric):
    facts = facts("dies_scoring")

    def score(self, sample: Sample) -> Sequence[float]:
        os._exit(9)


class EndlessScoring(Metric):
    facts = facts("endless_scoring")

    def score(self, sample: Sample) -> Sequence[float]:
        wait_for_ever()
        raise AssertionError


class EndlessMetricSetup(EndlessScoring):
    facts = facts("endless_metric_setup")

    def setup(self, files: object, device: torch.device) -> None:
        wait_for_ever()


class FactsOfText(Metric):
    facts = MetricFacts("facts_of_text", "T", "lower", "", "x", splits="face")  # type: ignore[arg-type]

    def score(self, sample: Sample) -> Sequence[float]:
        return [0.0]
