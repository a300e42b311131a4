"""What was restored: scored, kept losslessly, and read back to be scored by further metrics."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor

from bench.execution.attempt import Given, Restored
from bench.metrics.base import Metric, Sample, Unscored
from bench.metrics.scorer import ImageScores, score_sample
from bench.pictures.files import read_rgb, write_png
from bench.pictures.tensors import to_pixels, to_tensor
from bench.planning.cell import Cell
from bench.results.score_versions import without
from bench.results.store import Record, Store


def scored(cell: Cell, seen: Given, restored: Restored, metrics: Mapping[str, Metric]) -> Restored:
    """The same with scores in its row, its budgets included, and what they took.

    A metric that raises leaves its own column empty and says why; the row stays. Scores by other
    metrics, which a row restored earlier may have, stay too.
    """
    row = restored.row
    start = time.perf_counter()
    scores = score(cell, seen, restored.image, metrics)
    metric_s = time.perf_counter() - start
    budgets = []
    for budget in row.budgets:
        found = score(cell, seen, restored.milestones[budget.steps], metrics)
        budgets.append(
            replace(
                budget,
                metrics=without(budget.metrics, metrics) | found.values,
                unscored=without(budget.unscored, metrics) | found.unscored,
            )
        )
    row = replace(
        row,
        metrics=without(row.metrics, metrics) | scores.values,
        unscored=without(row.unscored, metrics) | scores.unscored,
        parts=without(row.parts, metrics) | scores.parts,
        metric_s=(row.metric_s or 0.0) + metric_s,
        budgets=tuple(budgets),
    )
    return replace(restored, row=row)


def score(
    cell: Cell, seen: Given, image: Tensor | Unscored, metrics: Mapping[str, Metric]
) -> ImageScores:
    """Scores by column, and the reasons of those that are missing."""
    if isinstance(image, Unscored):
        return ImageScores(unscored=dict.fromkeys(metrics, image.reason))
    sample = Sample(image, seen.truth, seen.y, cell.operator, (seen.known,))
    return score_sample(sample, metrics)


def keep(store: Store, key: str, picture: str, restored: Restored) -> None:
    """Write every picture of it into the store, which syncs them with their row: the worker need
    not wait for the disk. Raises `DiskError`."""
    write_png(store.picture(key, picture), to_pixels(restored.image), is_synced=False)
    for steps, image in restored.milestones.items():
        if not isinstance(image, Unscored):
            path = store.picture(key, picture, steps)
            write_png(path, to_pixels(image), is_synced=False)


def kept(store: Store, key: str, record: Record) -> Restored:
    """What `keep` wrote, with the row of the record.

    Raises `BenchError` if the restored picture is gone or broken. A budget whose picture is gone
    is left out: its old scores and new ones would not be of one protocol.
    """
    image = to_tensor(read_rgb(store.picture(key, record.picture)))
    milestones: dict[int, Tensor | Unscored] = {}
    for budget in record.row.budgets:
        path = store.picture(key, record.picture, budget.steps)
        if path.exists():
            milestones[budget.steps] = to_tensor(read_rgb(path))
    budgets = tuple(budget for budget in record.row.budgets if budget.steps in milestones)
    return Restored(replace(record.row, budgets=budgets), image, milestones)
