"""The loop that latent-optimisation methods share: descend, and keep the best iterate.

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

from bench.machine.timing import synchronise
from methods.base import Fit, Milestone
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
    """The iterate of the lowest loss of each search, and its losses."""

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


def descend(
    evaluate: Callable[[], Iterate],
    optimiser: torch.optim.Optimizer,
    steps: int,
    rate: Callable[[float], float] = lambda progress: 1.0,  # noqa: ARG005
    project: Callable[[], None] = lambda: None,
) -> Inversion:
    """Take `steps` steps of `optimiser` on the summed loss of `evaluate`.

    rate: factor of the learning rate at a progress from 0 to 1. project: puts the variables back
    where they belong after each step. The milestones are the best iterates so far of this one
    search, whose learning rate follows all its steps: a search of fewer would find others.
    """
    rates = [group["lr"] for group in optimiser.param_groups]
    marks = milestone_steps(steps)
    trace: list[Tensor] = []
    milestones: list[Milestone] = []
    best = None
    for step in range(steps):
        for group, base in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = base * rate(step / steps)
        with torch.enable_grad():
            iterate = evaluate()
            optimiser.zero_grad()
            iterate.loss.sum().backward()  # type: ignore[no-untyped-call]
        best = better(best, iterate)
        trace.append(iterate.loss.detach())
        optimiser.step()
        with torch.no_grad():
            project()
        if step + 1 in marks:
            synchronise(best.images.device)
            milestones.append(Milestone(step + 1, best.images, time.perf_counter()))
    if best is None:
        raise ValueError(f"an inversion takes at least one step, not {steps}")
    return Inversion(best.images, best.error, torch.stack(trace), tuple(milestones))


def milestone_steps(steps: int) -> frozenset[int]:
    """The numbers of steps at the `FRACTIONS` of a search; fewer where it is too short for them."""
    return frozenset(max(1, round(steps * fraction)) for fraction in FRACTIONS) - {steps}


def better(best: Iterate | None, new: Iterate) -> Iterate:
    """For each search the iterate of the lower loss; one that is no number never wins."""
    images, loss, error = new.images.detach(), new.loss.detach(), new.error.detach()
    if best is None:
        return Iterate(images, loss.nan_to_num(torch.inf), error)
    improved = loss < best.loss
    return Iterate(
        torch.where(improved[:, None, None, None], images, best.images),
        torch.where(improved, loss, best.loss),
        torch.where(improved, error, best.error),
    )


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
