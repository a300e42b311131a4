"""The milestones of a row, scored by further metrics from the pictures that the store kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from bench.core.errors import BenchError
from bench.core.rows import Budget, Row
from bench.metrics.base import Metric, Sample
from bench.metrics.scorer import ImageScores, score_sample
from bench.pictures.files import read_rgb
from bench.pictures.tensors import to_tensor

FileOf = Callable[[int], Path]  # where the picture after so many steps lies


def rescored(
    row: Row,
    sample: Sample | None,
    file_of: FileOf | None,
    metrics: Mapping[str, Metric],
    keeps: Collection[str],
) -> Iterator[Budget]:
    """The row's budgets with scores of `metrics`, or the reason why they have none.

    sample: truth, y and operator; None where they are gone. keeps: columns whose scores are of
    the same protocol already, and stand where the picture is gone.
    """
    for budget in row.budgets:
        path = file_of(budget.steps) if file_of and sample else None
        try:
            if sample is None or path is None or not path.exists():
                raise BenchError("the picture of this milestone was not kept")
            image = to_tensor(read_rgb(path))
        except BenchError as error:
            new = [
                column for column in metrics if not (column in keeps and column in budget.metrics)
            ]
            why = ImageScores(unscored=dict.fromkeys(new, f"not scored again: {error}"))
            yield with_scores(budget, new, why)
        else:
            found = score_sample(replace(sample, restored=image), metrics)
            yield with_scores(budget, list(metrics), found)


def with_scores(budget: Budget, columns: Collection[str], scores: ImageScores) -> Budget:
    """The budget with other entries under `columns`."""
    return replace(
        budget,
        metrics={c: v for c, v in budget.metrics.items() if c not in columns} | scores.values,
        unscored={c: v for c, v in budget.unscored.items() if c not in columns} | scores.unscored,
    )
