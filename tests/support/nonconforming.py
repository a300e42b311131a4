"""Methods and metrics that break one clause of the contract each, as third parties might."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import torch
from pydantic import BaseModel
from torch import Tensor

from bench.datasets.splits import Picture
from bench.metrics.base import Metric, Sample, Unscored
from bench.metrics.facts import Direction, MetricFacts
from bench.metrics.psnr import psnr_db
from bench.pictures.files import read_rgb
from methods.base import Fit, Method, Need, Restoration, Toy


class Fine(Method):
    """Every pixel repeated: keeps the whole contract."""

    @classmethod
    def toy(cls, folder: Path) -> Toy | None:
        return Toy()

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        s = self.task.scale
        return Restoration(y.repeat_interleave(s, 2).repeat_interleave(s, 3))

    def images(self, y: Tensor) -> Tensor:
        return Fine.restore(self, y, [0] * len(y)).images


class TakesTypos(Fine):
    class Settings(BaseModel):
        strength: float = 1.0


class ForgetsSettings(Fine):
    class Settings(BaseModel):
        model_config = {"extra": "forbid", "arbitrary_types_allowed": True}
        strength: complex = 1j

        def model_dump(self, **options: object) -> dict[str, object]:
            return {}

        __hash__ = None

        def __eq__(self, other: object) -> bool:
            return False


class SkipsWithoutReason(Fine):
    def skip(self) -> str | None:
        return "" if self.task.scale == 64 else None


class NeedsNoKind(Fine):
    def needs(self) -> tuple[Need, ...]:
        return (Need("network", "glean", optional=True),)


class Reads(Fine):
    """Takes a file of JSON."""

    @classmethod
    def toy(cls, folder: Path) -> Toy:
        (folder / "weights.json").write_text('{"gain": 1.0}')
        return Toy({"network": folder / "weights.json"})

    def needs(self) -> tuple[Need, ...]:
        return (Need("network", ("gain",)),)


class LeaksItsReader(Reads):
    def setup(self, files: Mapping[str, Path]) -> None:
        self.gain = json.loads(files["network"].read_bytes().decode())["gain"]


class ReadsAnything(Reads):
    def setup(self, files: Mapping[str, Path]) -> None:
        self.gain = 1.0


class CrashesOnOddSizes(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        assert y.shape[-1] == 8, "only 8 pixels"
        return super().restore(y, seeds)


class WrongShape(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.images(y)[..., :-1])


class Bytes(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration((self.images(y) * 255).byte())


class NotANumber(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.images(y).log().sqrt())


class To255(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.images(y) * 255)


class Signed(Fine):
    """Leaves its pictures in [-1, 1]."""

    @classmethod
    def toy(cls, folder: Path) -> None:
        return None

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.images(y) * 2 - 1)


class Drifts(Fine):
    calls = 0

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        self.calls += 1
        return Restoration(self.images(y) + self.calls * 1e-6)


class DrawsGlobally(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        images = self.images(y)
        return Restoration(images + 0.01 * torch.rand_like(images))


class BatchesSomehow(Fine):
    batches = True  # type: ignore[assignment]


class IgnoresSeeds(Fine):
    stochastic = True


class HidesItsSeeds(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.images(y) + torch.tensor(seeds).view(-1, 1, 1, 1) * 1e-3)


class NormalisesByBatch(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.images(y) - y.mean() + 0.5)


class WritesIntoY(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        images = self.images(y)
        y.mul_(2).sub_(1)
        return Restoration(images)


class Peeks(Fine):
    """Looks for the truth where the engine has it."""

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        frame = sys._getframe()
        while frame := frame.f_back:
            for value in frame.f_locals.values():
                if isinstance(value, Picture):
                    truth = torch.from_numpy(read_rgb(value.path)).permute(2, 0, 1)[None]
                    return Restoration(truth.float() / 255)
        return super().restore(y, seeds)


class CountsNothing(Fine):
    def setup(self, files: object) -> None:
        self.network = torch.nn.Conv2d(3, 3, 1)

    def warm_up(self, y: Tensor) -> int:
        return 0


class CountsInFractions(Fine):
    def warm_up(self, y: Tensor) -> int:
        return 0.5  # type: ignore[return-value]


class SearchesTogether(Fine):
    """A search of many steps whose losses are shared over the batch."""

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        losses = tuple(y.mean().item() / step for step in range(1, 10))
        return Restoration(self.images(y), (Fit(losses, True),) * len(y))


class LosesFits(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.images(y), (Fit((1.0,), True),))


class LosesTraces(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.images(y), (Fit((), True),) * len(y))


class LosesNotes(Fine):
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        return Restoration(self.images(y), notes=("enlarged twice",))


class CannotBeTried(Fine):
    def skip(self) -> str | None:
        return "the stars are wrong"


class FailsToLoad(Fine):
    @classmethod
    def toy(cls, folder: Path) -> Toy:
        raise RuntimeError("no room for toys")


class NotAMethod:
    pass


def facts(column: str = "fine", **others: object) -> MetricFacts:
    given = {"title": "Fine", "better": Direction.HIGHER, "unit": "", "protocol": "psnr/again"}
    return MetricFacts(column, **{**given, **others})


class FineMetric(Metric):
    """PSNR by another name: keeps the whole contract."""

    facts: ClassVar[MetricFacts] = facts()

    def score(self, sample: Sample) -> Sequence[float | Unscored]:
        return psnr_db(sample.restored, sample.truth).tolist()


class SaysNothing(FineMetric):
    facts = facts("says_nothing", protocol=" ")


class HidesItsUnit(FineMetric):
    facts = facts("hides_its_unit", unit="dB")


class WrongWayRound(FineMetric):
    facts = facts("wrong_way_round", better=Direction.LOWER)


class NeedsAFile(FineMetric):
    facts = facts("needs_a_file", weights=("no-such-kind",))

    def setup(self, files: Mapping[str, Path], device: torch.device) -> None:
        json.loads(files["no-such-kind"].read_bytes().decode())


class ComparesTheBatch(FineMetric):
    def score(self, sample: Sample) -> Sequence[float | Unscored]:
        scores = psnr_db(sample.restored, sample.truth)
        return (scores - 0.1 * scores.mean()).tolist()


class WritesIntoPictures(FineMetric):
    def score(self, sample: Sample) -> Sequence[float | Unscored]:
        scores = super().score(sample)
        sample.restored.clamp_(0.1, 0.9)
        return scores


class GuessesAtRandom(FineMetric):
    def score(self, sample: Sample) -> Sequence[float | Unscored]:
        return (psnr_db(sample.restored, sample.truth) + 1e-3 * torch.rand(1)).tolist()


class Infinite(FineMetric):
    def score(self, sample: Sample) -> Sequence[float | Unscored]:
        error = (sample.restored - sample.truth).square().mean((1, 2, 3))
        return (-error.log()).tolist()


class Nameless(Metric):
    def score(self, sample: Sample) -> Sequence[float | Unscored]:
        return [0.0] * len(sample.truth)


class TakesATakenColumn(FineMetric):
    facts = facts("latency_s")


class WritesItsColumnBadly(FineMetric):
    facts = facts("PSNR (dB)")
