"""DGP's search (Pan et al. 2020, arXiv 2003.13659, section 3): z and the generator's own weights
are fitted to one picture, group by group, by what a discriminator sees of it.

Checked against deep-generative-prior at c503a56a.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim.lr_scheduler import LambdaLR

from methods.networks.biggan import BigGANGenerator, InstanceNorms
from methods.networks.biggan_discriminator import BigGANDiscriminator
from methods.search.descent import Inversion, Iterate, descend, latest

BETAS = (0.0, 0.999)
DRAWS_AT_ONCE = 10


@dataclass(frozen=True)
class FineTuningStage:
    """Some steps of a search."""

    steps: int
    features: int  # how many of the discriminator's, the last ones
    groups: int  # of the generator's that learn; the others have their gradients taken too
    feature_weight: float
    mse_weight: float
    latent_rate: float
    generator_rate: float
    group_ratio: float = 1.0  # between the rates of a group and the one before
    instance_norms: bool = False


@dataclass(frozen=True)
class Comparison:
    """How a picture is held against y."""

    operator: Callable[[Tensor], Tensor]
    y: Tensor  # (1, 3, h, w) in [0, 1]
    discriminator: BigGANDiscriminator
    enlargement: Literal["bilinear", "nearest"] = "bilinear"  # to the discriminator's size
    mse_at: Literal["y", "full"] = "y"  # full: enlarged too, as published

    def enlarged(self, degraded: Tensor) -> Tensor:
        """Pictures of the size of y in [0, 1] as the discriminator sees them, in [-1, 1]."""
        size = (self.discriminator.resolution,) * 2
        return F.interpolate(degraded, size, mode=self.enlargement) * 2 - 1

    def features(self, enlarged: Tensor) -> list[Tensor]:
        """What the discriminator sees of them."""
        return self.discriminator.features(enlarged)


def apart(found: Sequence[Tensor], wanted: Sequence[Tensor], last: int) -> Tensor:
    """(N,): the mean absolute differences of the last `last` features, added."""
    pairs = list(zip(found, wanted, strict=True))[-last:]
    return sum((f - w).abs().flatten(1).mean(1) for f, w in pairs)  # type: ignore[return-value]


@torch.no_grad()
def selection(
    generator: BigGANGenerator, target: Comparison, z: Tensor, classes: Tensor, last: int
) -> Tensor:
    """(N,): how far the draws z (N, D) of `classes` (N,) are from y, by the last features."""
    wanted = target.features(target.enlarged(target.y))
    losses = []
    parts = (torch.split(draws, DRAWS_AT_ONCE) for draws in (z, classes))
    for some, labels in zip(*parts, strict=True):
        degraded = target.operator((generator(some, labels) + 1) / 2)
        losses.append(apart(target.features(target.enlarged(degraded)), wanted, last))
    return torch.cat(losses).nan_to_num(torch.inf)


class FineTuning:
    """The search for one picture, from z (1, D) and its class, on a copy of the generator.

    Ours: each picture has a fresh copy and a fresh optimiser. The official code keeps the moments
    of its optimisers from picture to picture, so that results there depend on the order.
    """

    def __init__(
        self,
        generator: BigGANGenerator,
        target: Comparison,
        start: Tensor,
        label: Tensor,
        stages: Sequence[FineTuningStage],
        prior_weight: float,
    ) -> None:
        self.generator = copy.deepcopy(generator)
        self.z = start.clone().requires_grad_()
        self.target, self.label, self.prior_weight = target, label, prior_weight
        self.stages = list(chain.from_iterable(repeat(stage, stage.steps) for stage in stages))
        self.norms: InstanceNorms = {}
        with torch.no_grad():
            self.wanted_picture = target.enlarged(target.y)
            self.wanted = target.features(self.wanted_picture)

    def run(self) -> Inversion:
        """The picture before the last step, as published: losses of different stages do not
        compare, so that none is the best."""
        groups = [[self.z], *self.generator.groups()]
        for variable in chain.from_iterable(groups):
            variable.requires_grad_()
        # One optimiser for the two of the paper: Adam works entry by entry.
        each = [{"params": group} for group in groups]
        self.adam = torch.optim.Adam(each, 1.0, BETAS, fused=True)
        schedule = LambdaLR(self.adam, [self.rate_of(index) for index in range(len(groups))])
        left = iter(self.stages)
        return descend(
            lambda: self.evaluate(next(left)), self.adam, len(self.stages), schedule, keep=latest
        )

    def rate_of(self, index: int) -> Callable[[int], float]:
        """The learning rate at each step, of z (0) or of a group of the generator (from 1 on).

        A group that waits learns at a rate of 0, but Adam gathers its moments from the start.
        """

        def rate(step: int) -> float:
            stage = self.stages[min(step, len(self.stages) - 1)]
            if index == 0:
                return stage.latent_rate
            waits = index > stage.groups
            return 0.0 if waits else stage.generator_rate * stage.group_ratio ** (index - 1)

        return rate

    def evaluate(self, stage: FineTuningStage) -> Iterate:
        """The picture, and how far it is from y."""
        target = self.target
        norms = self.norms if stage.instance_norms else None
        images = (self.generator(self.z, self.label, norms) + 1) / 2
        degraded = target.operator(images)
        enlarged = target.enlarged(degraded)
        error = (degraded - target.y).square().mean((1, 2, 3))
        if target.mse_at == "y":
            mse = 4 * error  # as of pictures in [-1, 1]
        else:
            mse = (enlarged - self.wanted_picture).square().mean((1, 2, 3))
        seen = apart(target.features(enlarged), self.wanted, stage.features)
        prior = self.z.square().mean(1) / 2
        loss = stage.feature_weight * seen + stage.mse_weight * mse + self.prior_weight * prior
        return Iterate(images, loss, error)
