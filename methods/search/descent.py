"""The loop that latent-optimisation methods share: descend, and keep an iterate.

Every image of a batch is a search of its own. The variables of the images share tensors but not
entries, losses are summed over the batch so that no gradient mixes, the optimisers here work
entry by entry, and each image draws from its own random stream: its result is that of a batch
of one, up to the rounding of batched arithmetic.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LRScheduler

from bench.machine.timing import synchronise
from methods.base import Fit, Milestone, milestones_together
from methods.cost import count_macs

FRACTIONS = (0.1, 1 / 3)  # of its steps, after which a search tells what it has found


@dataclass(frozen=True)
class Iterate:
    """Where each search stands."""

    images: Tensor  # (N, 3, H, W), nominally in [0, 1]
    loss: Tensor  # (N,) what is descended
    error: Tensor  # (N,) what the tolerance bounds


@dataclass(frozen=True)
class Inversion:
    """The iterate that each search keeps, and its losses."""

    images: Tensor  # (N, 3, H, W), nominally in [0, 1]
    error: Tensor  # (N,)
    trace: Tensor  # (steps, N), the loss before each step
    milestones: tuple[Milestone, ...]

    def fits(self, tolerance: float) -> tuple[Fit, ...]:
        """How each search went."""
        return tuple(
            Fit(tuple(losses), bool(error <= tolerance))
            for losses, error in zip(self.trace.T.tolist(), self.error.tolist(), strict=True)
        )


def better(best: Iterate | None, new: Iterate) -> Iterate:
    """For each search the iterate of the lower loss; one that is no number never wins."""
    images, loss, error = new.images.detach(), new.loss.detach(), new.error.detach()
    if best is None:
        return Iterate(images, loss.nan_to_num(torch.inf), error)
    return chosen(loss < best.loss, Iterate(images, loss, error), best)


def latest(best: Iterate | None, new: Iterate) -> Iterate:
    """For each search the newer iterate, unless its loss is no number: for losses that change on
    the way, so that a lower one need not be better."""
    new = Iterate(new.images.detach(), new.loss.detach(), new.error.detach())
    return new if best is None else chosen(new.loss.isfinite(), new, best)


def chosen(which: Tensor, new: Iterate, old: Iterate) -> Iterate:
    """The new iterate of the searches `which` (N,), the old one of the others."""
    return Iterate(
        torch.where(which[:, None, None, None], new.images, old.images),
        torch.where(which, new.loss, old.loss),
        torch.where(which, new.error, old.error),
    )


def descend(
    evaluate: Callable[[], Iterate],
    optimiser: torch.optim.Optimizer,
    steps: int,
    schedule: LRScheduler | None = None,
    project: Callable[[], None] = lambda: None,
    keep: Callable[[Iterate | None, Iterate], Iterate] = better,
) -> Inversion:
    """Take `steps` steps of `optimiser` on the summed loss of `evaluate`.

    schedule: of the learning rates, a step each. project: puts the variables back where they
    belong after each step. keep: which of two iterates a search ends with. The milestones are what
    this one search kept so far, whose learning rate follows all its steps: a search of fewer would
    find others.
    """
    marks = milestone_steps(steps)
    trace: list[Tensor] = []
    milestones: list[Milestone] = []
    kept = None
    for step in range(steps):
        with torch.enable_grad():
            iterate = evaluate()
            optimiser.zero_grad()
            iterate.loss.sum().backward()  # type: ignore[no-untyped-call]
        kept = keep(kept, iterate)
        trace.append(iterate.loss.detach())
        optimiser.step()
        if schedule is not None:
            schedule.step()
        with torch.no_grad():
            project()
        if step + 1 in marks:
            synchronise(kept.images.device)
            milestones.append(Milestone(step + 1, kept.images, time.perf_counter()))
    if kept is None:
        raise ValueError(f"an inversion takes at least one step, not {steps}")
    return Inversion(kept.images, kept.error, torch.stack(trace), tuple(milestones))


def joined(searches: Sequence[Inversion]) -> Inversion:
    """Searches of as many steps, made one after the other, as one."""
    return Inversion(
        torch.cat([found.images for found in searches]),
        torch.cat([found.error for found in searches]),
        torch.cat([found.trace for found in searches], 1),
        milestones_together([found.milestones for found in searches]),
    )


def milestone_steps(steps: int) -> frozenset[int]:
    """The numbers of steps at the `FRACTIONS` of a search; fewer where it is too short for them."""
    return frozenset(max(1, round(steps * fraction)) for fraction in FRACTIONS) - {steps}


def on_spheres(variables: Sequence[Tensor]) -> Callable[[], None]:
    """A projection of the variables onto the spheres on which they lie now.

    A sphere lives in the dimensions from the third on: (N, L, D) has one for each of L latents,
    (N, 1, r, r) one for each noise map. Source: PULSE's `SphericalOptimizer`.
    """

    def radius(variable: Tensor) -> Tensor:
        dims = tuple(range(2, variable.ndim))
        return (variable.square().sum(dims, keepdim=True) + 1e-9).sqrt()

    radii = [radius(variable.detach()) for variable in variables]

    def project() -> None:
        for variable, wanted in zip(variables, radii, strict=True):
            variable.mul_(wanted / radius(variable))

    return project


def streams(seeds: Sequence[int]) -> list[torch.Generator]:
    """A random stream for each image."""
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def normal(generators: Sequence[torch.Generator], *shape: int, like: Tensor) -> Tensor:
    """(N, *shape) from N(0, 1), each image's from its own stream, on the device of `like`.

    Drawn on the CPU, so that every device starts from the same point.
    """
    return torch.stack([torch.randn(shape, generator=g) for g in generators]).to(like.device)


def loop_macs(run: Callable[[int], object], steps: int) -> int:
    """Multiply-accumulates of `run(steps)`, from those of one step and of two."""
    one = count_macs(lambda: run(1))
    return one if steps == 1 else one + (steps - 1) * (count_macs(lambda: run(2)) - one)
