"""One picture in one cell: degrade, restore, check. Every way it can end is a row."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from bench.core.errors import describe
from bench.core.rows import Budget, Row, RowState
from bench.datasets.factors import Known, Unknown, known_of
from bench.datasets.splits import Picture, read_truth
from bench.execution.returned import BadOutput, checked, out_of_range, restoration_of
from bench.machine.own_state import seed_generators
from bench.machine.timing import Measured, measured
from bench.metrics.base import Unscored
from bench.pictures.tensors import pixels_digest, to_pixels, to_tensor
from bench.planning.cell import Cell
from methods.base import Method, Restoration


def image_seed(seed: int, y: Tensor) -> int:
    """A picture's own seed: a function of the cell's seed and of y alone, not of its place."""
    name = f"restore|{seed}|".encode() + to_pixels(y).tobytes()
    return int.from_bytes(hashlib.sha256(name).digest()[:6], "big")


def failed_row(cell: Cell, picture: Picture, error: BaseException) -> Row:
    """The row of a picture on which the method raised."""
    return cell.row(picture, state_of(error), describe(error))


def state_of(error: BaseException) -> RowState:
    """Out of memory is told apart from every other failure."""
    cpu_allocator = isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    if cpu_allocator or isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return RowState.OUT_OF_MEMORY
    return RowState.FAILED


@dataclass(frozen=True)
class Given:
    """What a picture brings: itself and what is made of it, (1, 3, H, W) and (1, 3, h, w)."""

    truth: Tensor
    y: Tensor
    known: Known | Unknown  # what is in it, of a rendered picture


@dataclass(frozen=True)
class Restored:
    """A row without scores, and what is to be scored, rounded to 8 bits: (1, 3, H, W)."""

    row: Row
    image: Tensor
    # By the steps of the row's budgets; `Unscored` where the method had no picture by then.
    milestones: Mapping[int, Tensor | Unscored] = field(default_factory=dict)


def given(cell: Cell, picture: Picture) -> Given:
    """The picture, read and degraded. Raises `BenchError` if it cannot be read."""
    truth = to_tensor(read_truth(picture, cell.split.size))
    known = known_of(picture.path, cell.split.name)
    return Given(truth, cell.operator.observe(truth), known)


def restore(cell: Cell, method: Method, picture: Picture, y: Tensor, held_bytes: int) -> Restored:
    """What the method makes of y.

    The method gets a y of its own, which it may write into. Raises whatever the method raises, and
    `BadOutput` if its result is no `Restoration`, has the wrong shape or holds a value that is no
    number. Values out of range are clipped, and the row says so, as it says the method's note.
    """
    restoration, cost = asked(cell, method, [y])
    found = restored_of(cell, method, picture, restoration)
    spent = (m.reached_at - cost.began for m in restoration.milestones)
    row = replace(
        found.row,
        batch=1,
        latency_s=cost.latency_s,
        cpu_s=cost.cpu_s,
        peak_mem_bytes=held_bytes + cost.added_mem_bytes,
        budgets=tuple(
            replace(budget, latency_s=latency_s)
            for budget, latency_s in zip(found.row.budgets, spent, strict=True)
        ),
    )
    return replace(found, row=row)


def asked(cell: Cell, method: Method, ys: Sequence[Tensor]) -> tuple[Restoration, Measured]:
    """What the method gives back of pictures (1, 3, h, w) as one batch, and what that took."""
    seeds = [image_seed(cell.seed, y) for y in ys]
    own = torch.cat(list(ys)).to(method.task.device, copy=True)
    seed_generators(seeds[0])
    with precision_of(cell), measured(method.task.device) as cost:
        returned = method.restore(own, seeds)
    return restoration_of(returned), cost


def restored_of(cell: Cell, method: Method, picture: Picture, restoration: Restoration) -> Restored:
    """The one picture of a restoration, its costs left open. Raises `BadOutput`."""
    size = method.task.size
    image = checked(restoration.images, size)
    fit = restoration.fits[0] if restoration.fits else None
    told = (out_of_range(restoration.images), *restoration.notes[:1])
    row = replace(
        cell.row(picture, RowState.OK, "; ".join(filter(None, told))),
        output_digest=pixels_digest(image),
        trace_length=len(fit.trace) if fit else None,
        reached_tolerance=fit.reached_tolerance if fit else None,
        budgets=tuple(Budget(m.steps, None) for m in restoration.milestones),
    )
    milestones = {m.steps: checked_milestone(m.images, size) for m in restoration.milestones}
    return Restored(row, image, milestones)


def checked_milestone(image: Tensor, size: tuple[int, int]) -> Tensor | Unscored:
    """`checked`, of a picture on the way, which costs no row if it is none."""
    try:
        return checked(image, size)
    except BadOutput as error:
        return Unscored(str(error))


def precision_of(cell: Cell) -> AbstractContextManager[None]:
    """The region of the cell's precision; that of fp32 is 32 bits on a GPU too, whose convolutions
    are otherwise rounded to TF32."""
    if cell.precision == "fp32":
        return torch.backends.cudnn.flags(enabled=True, allow_tf32=False)
    return torch.autocast(torch.device(cell.device).type, dtype=torch.bfloat16)
