"""SinGAN (Shaham et al. 2019, arXiv 1905.01164), super-resolution: a pyramid of GANs is trained on
the one picture, and its finest generator refines it as it is enlarged in steps of 1.26."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from pathlib import Path

import torch
from torch import Tensor

from bench.core.errors import BenchError
from bench.machine.timing import synchronise
from methods.base import Fit, Method, Milestone, Restoration, Toy, together
from methods.networks.singan import SinGANDiscriminator, SinGANGenerator
from methods.search.descent import loop_macs, milestone_steps
from methods.settings.singan import SinGANSettings
from methods.single_image.draws import Draws
from methods.single_image.plan import Plan
from methods.single_image.trained import TrainedScale, enlarge
from methods.single_image.training import trainings


class SinGAN(Method):
    """Trains on y alone; it needs no weights, and knows nothing of the operator."""

    Settings = SinGANSettings
    settings: SinGANSettings
    stochastic = True

    @classmethod
    def toy(cls, folder: Path) -> Toy:  # noqa: ARG003 - it needs no files
        return Toy(settings=dict.fromkeys(("steps", "discriminator_steps", "generator_steps"), 1))

    def plan(self) -> Plan:
        """How it goes about the task. Raises `BenchError` with the reason why it cannot."""
        height, width = (side // self.task.scale for side in self.task.size)
        return Plan.of((height, width), self.task.scale, self.settings)

    def skip(self) -> str | None:
        try:
            self.plan()
        except BenchError as reason:
            return str(reason)
        return None

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        steps = self.settings.steps
        marks = milestone_steps(steps)
        return together([self.fit(y[i : i + 1], s, steps, marks) for i, s in enumerate(seeds)])

    def fit(self, y: Tensor, seed: int, steps: int, marks: Collection[int] = ()) -> Restoration:
        """One picture (1, 3, h, w), of `steps` iterations at each scale.

        marks: iterations of the finest scale after which there is a milestone; before it, nothing
        can restore. All iterations count as its steps.
        """
        plan, settings = self.plan(), self.settings.model_copy(update={"steps": steps})
        draws = Draws(torch.Generator().manual_seed(seed), y.device)
        reals = plan.pyramid.pictures(plan.before.resized(y * 2 - 1))
        height, width = self.task.size

        def restored(finest: TrainedScale, draws: Draws) -> Tensor:
            picture = enlarge(reals[-1], finest, plan.after, draws)
            return ((picture[..., :height, :width] + 1) / 2).clamp(0, 1)

        losses, milestones = [], []
        for scale, training in enumerate(trainings(reals, plan.pyramid, settings, draws), 1):
            for step in range(1, steps + 1):
                losses.append(training.iterate().generator[0].sum())
                if scale == len(reals) and step in marks:
                    picture = restored(training.trained(), draws.fork())
                    synchronise(y.device)
                    milestones.append(Milestone(len(losses), picture, time.perf_counter()))
        images = restored(training.trained(), draws)
        fit = Fit(tuple(torch.stack(losses).tolist()), reached_tolerance=None)
        return Restoration(images, (fit,), tuple(milestones), (plan.note,))

    def warm_up(self, y: Tensor) -> int:
        """Two short trainings, from which follows what the whole one takes."""
        return loop_macs(lambda steps: self.fit(y[:1], 0, steps), self.settings.steps) * len(y)

    def parameters(self) -> int:
        """Of all that is trained for a picture."""
        with torch.device("meta"):
            networks = [
                network(width)
                for width in self.plan().pyramid.widths(self.settings.narrowest)
                for network in (SinGANGenerator, SinGANDiscriminator)
            ]
        return sum(p.numel() for network in networks for p in network.parameters())
