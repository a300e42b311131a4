"""One restored picture under several metrics; none of them can cost the others their scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bench.core.rows import Part
from bench.metrics.base import Composed, Metric, Sample, Unscored
from bench.metrics.registry import smallness


@dataclass(frozen=True)
class Scores:
    """What a batch of one scores, all by metric column."""

    values: dict[str, float] = field(default_factory=dict)
    unscored: dict[str, str] = field(default_factory=dict)  # why a score is missing
    parts: dict[str, dict[str, Part]] = field(default_factory=dict)  # of composed scores


def score_sample(
    sample: Sample, metrics: Mapping[str, Metric], describe: Callable[[BaseException], str]
) -> Scores:
    """Scores of a batch of one, and the reasons of those that are missing.

    A metric that raises leaves its own column empty and says why, as `describe` has it.
    """
    found = Scores()
    for column, metric in metrics.items():
        try:
            value = too_small(sample, metric) or first(metric.score(sample))
        except Exception as error:
            value = Unscored(describe(error))
        if isinstance(value, Composed):
            found.parts[column] = dict(value.parts)
            value = value.value
        if isinstance(value, Unscored):
            found.unscored[column] = value.reason
        elif np.isfinite(value):
            found.values[column] = float(value)
        else:
            found.unscored[column] = f"the metric gave {value}"
    return found


def too_small(sample: Sample, metric: Metric) -> Unscored | None:
    """Why pictures of this size have no score by the metric; None if they are large enough."""
    height, width = sample.truth.shape[-2:]
    why = smallness(metric.smallest, [(height, width)])
    return Unscored(why) if why else None


def first(scores: Sequence[float | Composed | Unscored]) -> float | Composed | Unscored:
    """The score of a batch of one."""
    (value,) = scores
    return value
