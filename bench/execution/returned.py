"""What a method gave back, judged: that it is a `Restoration`, of one picture, in numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from bench.core.errors import BenchError
from bench.core.plain import plain_number, plain_whole, shown
from bench.core.rows import OUT_OF_RANGE
from bench.operators import quantise
from methods.base import Fit, Milestone, Restoration

# A picture that leaves [0, 1] by more than this, in more than this share of its values, is told
# of: networks overshoot by less, and only at edges.
BEYOND, SHARE = 0.1, 0.01
WANTED = "`Restoration(images)` of methods.base, its images a float tensor (N, 3, H, W) in [0, 1]"


class BadOutput(BenchError):
    """A method gave back something that is not the picture it was asked for."""


def restoration_of(returned: object) -> Restoration:
    """What `Method.restore` returned, its numbers Python's. Raises `BadOutput` in words."""
    if not isinstance(returned, Restoration):
        raise BadOutput(f"restore() returned {shown(returned)}, expected {WANTED}")
    check_tensor(returned.images)
    return Restoration(
        returned.images,
        tuple(fit_of(fit) for fit in several("fits", returned.fits)),
        tuple(milestone_of(one) for one in several("milestones", returned.milestones)),
        tuple(note_of(note) for note in several("notes", returned.notes)),
    )


def check_tensor(images: object) -> None:
    """Raise `BadOutput` unless this is a tensor of real numbers."""
    if not isinstance(images, Tensor):
        raise BadOutput(f"restore() returned images of type {shown(images)}, expected {WANTED}")
    if images.is_complex():
        raise BadOutput(f"restore() returned images of {images.dtype}, expected {WANTED}")


def several(name: str, value: Any) -> Iterable[Any]:
    """The entries of a field of `Restoration`; None is taken for none of them."""
    if value is None:
        return ()
    if isinstance(value, list | tuple):
        return value
    raise BadOutput(f"restore() returned {name} that are {shown(value)}, expected a tuple")


def fit_of(fit: object) -> Fit:
    """How a search went, in Python's own numbers."""
    if not isinstance(fit, Fit):
        raise BadOutput(f"restore() returned a fit that is {shown(fit)}, expected a `Fit`")
    try:
        losses = [plain_number(loss) for loss in fit.trace]
        reached = None if fit.reached_tolerance is None else bool(fit.reached_tolerance)
    except (TypeError, ValueError, RuntimeError) as error:
        raise BadOutput(f"restore() returned a `Fit` that cannot be read: {error}") from None
    numbers = tuple(loss for loss in losses if loss is not None)
    if len(numbers) < len(losses):
        raise BadOutput("restore() returned a `Fit` whose trace holds more than numbers")
    return Fit(numbers, reached)


def milestone_of(milestone: object) -> Milestone:
    """A picture on the way, in Python's own numbers."""
    if not isinstance(milestone, Milestone):
        raise BadOutput(
            f"restore() returned a milestone that is {shown(milestone)}, expected a `Milestone`"
        )
    steps, reached_at = plain_whole(milestone.steps, 1), plain_number(milestone.reached_at)
    if steps is None or reached_at is None or math.isnan(reached_at):
        raise BadOutput(
            f"restore() returned a milestone after {shown(milestone.steps)} steps, reached at "
            f"{shown(milestone.reached_at)}; expected a whole number and `time.perf_counter()`"
        )
    return Milestone(steps, milestone.images, reached_at)


def note_of(note: object) -> str:
    """What is to be known of a picture, on one line."""
    if not isinstance(note, str):
        raise BadOutput(f"restore() returned a note that is {shown(note)}, expected a string")
    return " ".join(note.split())


def checked(image: Tensor, size: tuple[int, int]) -> Tensor:
    """The one restored picture, rounded to 8 bits on the CPU, if it is what was asked for."""
    check_tensor(image)
    expected = (1, 3, *size)
    if tuple(image.shape) != expected:
        raise BadOutput(f"the method returned shape {tuple(image.shape)}, expected {expected}")
    bad = int((~torch.isfinite(image)).sum())
    if bad:
        raise BadOutput(
            f"the method returned {bad} values of {image.numel()} that are NaN or infinite"
        )
    return quantise(image.detach().float()).cpu()


def out_of_range(image: Tensor) -> str:
    """What is to be said of a picture that leaves [0, 1] by more than overshoot; "" of others."""
    values = image.detach().float()
    low, high = values.min().item(), values.max().item()
    beyond = ((values < -BEYOND) | (values > 1 + BEYOND)).float().mean().item()
    if beyond <= SHARE:
        return ""
    cut = ((values < 0) | (values > 1)).float().mean().item()
    told = (
        f"{OUT_OF_RANGE}: the method returned values from {low:.3g} to {high:.3g}, "
        f"expected 0 to 1; {cut:.0%} of them were clipped"
    )
    if high > 2 and low >= -0.5:
        return f"{told}. A picture in [0, 255] is to be divided by 255"
    if low < -BEYOND and low >= -1.1 and high <= 1.1:
        return f"{told}. A picture in [-1, 1] is to be mapped by (x + 1) / 2"
    return told
