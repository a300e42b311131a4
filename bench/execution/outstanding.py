"""What is left to do of a cell, given what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bench.core.rows import RowState
from bench.datasets.splits import Picture
from bench.planning.cell import Cell
from bench.results.store import Record, Store


class Todo(Enum):
    """What a picture still needs."""

    NOTHING = "nothing"
    SCORE = "score"  # restored before, but a metric is new or has changed
    RESTORE = "restore"


@dataclass(frozen=True)
class Policy:
    """When a stored row will do.

    Rows that are ok are never run again. Rows that failed are kept too, since the key names
    everything that made them fail, but for two cases: a time limit higher than the one they ran
    into, and `retry`, for failures of the machine rather than the method.
    """

    timeout_s: float | None = None
    retry: bool = False
    fresh: bool = False  # what was measured before this run does not count
    keep_images: bool = True

    def todo(self, record: Record | None, metrics: Mapping[str, str], has_image: bool) -> Todo:
        """What a picture needs; `metrics` are the digests to score by, of each column."""
        if record is None:
            return Todo.RESTORE
        state = record.row.state
        if state is RowState.OK:
            if self.keep_images and not has_image:
                return Todo.RESTORE
            if all(record.scored_by.get(column) == digest for column, digest in metrics.items()):
                return Todo.NOTHING
            return Todo.SCORE if has_image else Todo.RESTORE
        longer = record.timeout_s is not None and (
            self.timeout_s is None or self.timeout_s > record.timeout_s
        )
        if self.retry or (state is RowState.TIMEOUT and longer):
            return Todo.RESTORE
        return Todo.NOTHING


@dataclass(frozen=True)
class Item:
    """One picture to work on, with its earlier record where it is only to be scored."""

    picture: Picture
    restored_before: Record | None = None
    # Metrics that took a worker with them over this picture, by column, and how.
    lost_scores: Mapping[str, str] = field(default_factory=dict)
    alone: bool = False  # never in a batch: it is timed, or went wrong in one
    kills: int = 0  # of workers that were at it, by something else


def outstanding(
    cell: Cell,
    store: Store,
    metrics: Mapping[str, str],
    policy: Policy,
    since: int = -1,
    timed: int = 0,
) -> tuple[Item, ...]:
    """The pictures of a cell that need work, in order; unusable pictures are not among them.

    since: records up to that place in the order of the cell do not count. timed: how many
    pictures of the cell, the first, are restored one by one, whatever is left of it.
    """
    key = cell.key
    records = {p: record for p, record in store.records(key).items() if record.order > since}
    items = []
    usable = (picture for picture in cell.split.pictures if picture.problem is None)
    for place, picture in enumerate(usable):
        record = records.get(picture.sha256)
        todo = policy.todo(record, metrics, store.picture(key, picture.sha256).exists())
        if todo is Todo.RESTORE:
            items.append(Item(picture, alone=place < timed))
        elif todo is Todo.SCORE:
            items.append(Item(picture, record))
    return tuple(items)
