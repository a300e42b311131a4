"""A factor reader: one picture to all that is known of it, a head on a shared trunk.

Kinds and flags by cross entropy, numbers and colours by a smooth L1 loss of standardised values;
every factor counts alike. Pictures are shifted and get some noise, no more: mirroring would turn
the sign of an angle, other colours would be other factors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from bench.metrics.factor_reader import Description, Factor, Readings
from bench.pictures.files import Pixels
from bench.training.average import WeightAverage
from bench.training.batches import batch_indices, seed_step
from bench.training.data import TrainingPictures
from bench.training.factors import TrainingFactors, factors_to_read
from bench.training.memory import channels_last
from bench.training.recipe import Product, Stateful
from bench.training.sheets import tile
from bench.training.varied import PART, small, varied
from methods.networks.reader import FactorReader

SHEET = 8


@dataclass(frozen=True)
class ReaderSettings:
    """The optimiser, and how pictures are varied."""

    batch: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    shift: int = 1  # of the 64 pixels a side that are looked at
    noise: float = 0.02  # largest deviation, of values in [0, 1]
    seed: int = 0


class Grade(NamedTuple):
    """How well a factor is read, as `Factor` has it."""

    agreement: float
    accuracy: float
    skill: float


class ReaderRecipe:
    """The `Recipe` of a reader."""

    score_name = "1 - mean skill over factors on held-out pictures"

    def __init__(
        self,
        pictures: TrainingPictures,
        factors: TrainingFactors,
        device: torch.device,
        settings: ReaderSettings,
    ) -> None:
        torch.manual_seed(settings.seed)
        self.pictures, self.device, self.config = pictures, device, settings
        self.batch, self.digest = settings.batch, factors.digest
        self.description = Description(split=pictures.split, factors=factors_to_read(factors.train))
        self.train, self.held_out = small(pictures.train), small(pictures.held_out)
        self.targets = self.targets_of(factors.train)
        self.truths = self.targets_of(factors.held_out)
        network = FactorReader(self.description.outputs)
        self.network = network.to(device).to(memory_format=torch.channels_last)
        self.average = WeightAverage(self.network)
        self.adam = torch.optim.AdamW(
            self.network.parameters(),
            settings.learning_rate,
            weight_decay=settings.weight_decay,
            fused=True,
        )
        self.grades: dict[str, Grade] = {}

    def targets_of(self, known: tuple[Mapping[str, Any], ...]) -> dict[str, Tensor]:
        """For each factor, the places of its options (N,) or its standardised numbers (N, D)."""
        rows = [self.description.targets(factors) for factors in known]
        found = {}
        for factor in self.description.factors:
            values = torch.from_numpy(np.stack([row[factor.name] for row in rows]))
            found[factor.name] = values[:, 0].long() if factor.options else values.float()
        return found

    @property
    def product(self) -> Product:
        """The reader, with what it reads and how well in the header of its file."""
        pictures = self.pictures
        graded = [
            factor.model_copy(update=self.grades[factor.name]._asdict())
            for factor in self.description.factors
            if factor.name in self.grades
        ]
        description = self.description.model_copy(update={"factors": tuple(graded)})
        return Product(
            name=f"{pictures.stem}-readers",
            kind="factor-reader",
            title=f"Reader of the factors of {pictures.subject} pictures",
            serves=[{"split": pictures.split, "domain": "rendered"}],
            measured={
                "accuracy": {f.name: round(f.accuracy, 3) for f in graded if f.is_readable},
                "left_out": {f.name: round(f.accuracy, 3) for f in graded if not f.is_readable},
            },
            metadata=description.metadata(),
        )

    @property
    def settings(self) -> Mapping[str, Any]:
        """Those of `ReaderSettings`, and the factors."""
        names = [factor.name for factor in self.description.factors]
        parameters = sum(p.numel() for p in self.network.parameters())
        facts = {"factors": names, "known": self.digest, "parameters": parameters}
        return {"recipe": f"{self.pictures.split}-readers", **asdict(self.config), **facts}

    def step(self, iteration: int) -> Mapping[str, float]:
        """One update on a batch of varied pictures."""
        seed_step(self.config.seed, iteration)
        indices = batch_indices(len(self.train), self.batch, iteration, self.config.seed)
        images = varied(self.train[indices].float(), self.config.shift, self.config.noise)
        self.network.train()
        readings = self.network(channels_last(images.to(self.device)))
        losses = [
            loss_of(factor, part, self.targets[factor.name][indices].to(self.device))
            for factor, part in self.by_factor(readings)
        ]
        loss = torch.stack(losses).mean()
        self.adam.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.adam.step()
        self.average.update((iteration + 1) * self.batch, self.batch)
        return {"loss": loss.item()}

    def by_factor(self, readings: Tensor) -> Iterator[tuple[Factor, Tensor]]:
        """Each factor with its part of the readings."""
        widths = [factor.outputs for factor in self.description.factors]
        return zip(self.description.factors, torch.split(readings, widths, 1), strict=True)

    @torch.no_grad()
    def read_held_out(self) -> Readings:
        """(N, outputs), by the averaged network."""
        parts = torch.split(self.held_out, PART)
        read = [self.average.network(part.float().to(self.device)) for part in parts]
        found: Readings = torch.cat(read).double().cpu().numpy()
        return found

    def score(self) -> float:
        """What is lacking to perfect skill; a skill below 0 counts as none."""
        for factor, part in self.description.parts(self.read_held_out()):
            self.grades[factor.name] = grade(factor, part, self.truths[factor.name].numpy())
        return 1 - float(np.mean([max(found.skill, 0.0) for found in self.grades.values()]))

    def sheet(self) -> Pixels:
        """The held-out pictures that are read best, and below them those that are read worst."""
        agreed = np.zeros(len(self.held_out))
        for factor, part in self.description.parts(self.read_held_out()):
            truths = self.truths[factor.name].numpy().reshape(len(part), -1)
            agreed += [factor.agrees(*pair) for pair in zip(part, truths, strict=True)]
        count = min(SHEET, len(agreed) // 2)
        order = np.argsort(-agreed, kind="stable")
        chosen = np.concatenate((order[:count], order[-count:]))
        return tile(self.pictures.held_out[chosen].float() / 127.5 - 1, count)

    @property
    def parts(self) -> Mapping[str, Stateful]:
        """The network, its average and the optimiser."""
        return {
            "network": self.network,
            "average": self.average.network,
            "adam": self.adam,
        }


def loss_of(factor: Factor, reading: Tensor, target: Tensor) -> Tensor:
    """Cross entropy in units of its start, or a smooth L1 loss: both begin near 1."""
    if factor.options:
        return F.cross_entropy(reading, target) / float(np.log(len(factor.options)))
    return F.smooth_l1_loss(reading, target, beta=0.5) * 2


def grade(factor: Factor, readings: Readings, truths: Readings) -> Grade:
    """How well readings (N, outputs) tell the truths (N,) or (N, D)."""
    if factor.options:
        right = readings.argmax(1) == truths
        agreement = float(right.mean())
        by_option = [right[truths == option].mean() for option in np.unique(truths)]
        accuracy = float(np.mean(by_option))
        blind = 1 / len(by_option)
        skill = (accuracy - blind) / (1 - blind) if blind < 1 else 0.0
        return Grade(agreement, accuracy, skill)
    agreement = float(np.mean([factor.agrees(*p) for p in zip(readings, truths, strict=True)]))
    deviation = np.sum((truths - truths.mean(0)) ** 2)
    r2 = 1 - np.sum((readings - truths) ** 2) / deviation if deviation > 0 else 0.0
    return Grade(agreement, agreement, float(r2))
