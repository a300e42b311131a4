"""Several pictures of one cell restored at once.

Each gets the row that it would get alone, but for its costs: what a batch took is no one's latency.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from bench.datasets.splits import Picture
from bench.execution.attempt import Restored, asked, restored_of
from bench.execution.outstanding import Item
from bench.execution.returned import BadOutput
from bench.planning.cell import Cell
from methods.base import Method, Restoration


def next_batch(left: deque[Item], size: int) -> list[Item]:
    """Take the next items off: at most `size` that may share a batch, or one."""
    batch = [left.popleft()]
    while left and len(batch) < size and may_share(batch[0]) and may_share(left[0]):
        batch.append(left.popleft())
    return batch


def may_share(item: Item) -> bool:
    """Whether it is to be restored, and not by itself."""
    return item.restored_before is None and not item.alone


def restore_together(
    cell: Cell, method: Method, pictures: Sequence[Picture], ys: Sequence[Tensor]
) -> list[Restored | None]:
    """What the method makes of each y (1, 3, h, w); None of those that are to be tried alone.

    Raises whatever the method raises, and `BadOutput` if it does not tell the pictures apart.
    """
    restoration, cost = asked(cell, method, ys)
    images_per_s = len(ys) / cost.latency_s
    found: list[Restored | None] = []
    for picture, own in zip(pictures, separated(restoration, len(ys)), strict=True):
        try:
            one = restored_of(cell, method, picture, own)
        except BadOutput:
            found.append(None)
            continue
        row = replace(one.row, batch=len(ys), images_per_s=images_per_s)
        found.append(replace(one, row=row))
    return found


def separated(restoration: Restoration, count: int) -> list[Restoration]:
    """One restoration a picture. Raises `BadOutput` unless all that is in it is of `count`."""
    images, fits, notes = restoration.images, restoration.fits, restoration.notes
    counts = {len(images), *(len(mark.images) for mark in restoration.milestones)}
    counts |= {len(each) for each in (fits, notes) if each}
    if counts != {count}:
        raise BadOutput(
            f"restore() returned images, milestones, fits or notes of other than {count}"
        )
    return [
        Restoration(
            images[i : i + 1],
            fits[i : i + 1],
            tuple(replace(m, images=m.images[i : i + 1]) for m in restoration.milestones),
            notes[i : i + 1],
        )
        for i in range(count)
    ]
