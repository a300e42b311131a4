"""One restored picture under several metrics; none of them can cost the others their scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from bench.metrics.base import Metric, Sample, Unscored


def score_sample(
    sample: Sample, metrics: Mapping[str, Metric], describe: Callable[[BaseException], str]
) -> tuple[dict[str, float], dict[str, str]]:
    """Scores of a batch of one by column, and the reasons of those that are missing.

    A metric that raises leaves its own column empty and says why, as `describe` has it.
    """
    scores: dict[str, float] = {}
    unscored: dict[str, str] = {}
    for column, metric in metrics.items():
        try:
            value = first(metric.score(sample))
        except Exception as error:
            value = Unscored(describe(error))
        if isinstance(value, Unscored):
            unscored[column] = value.reason
        elif np.isfinite(value):
            scores[column] = float(value)
        else:
            unscored[column] = f"the metric gave {value}"
    return scores, unscored


def first(scores: Sequence[float | Unscored]) -> float | Unscored:
    """The score of a batch of one."""
    (value,) = scores
    return value
