"""Metrics made ready to score with their files, and one picture scored by all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from bench.core.code_version import code_digest
from bench.core.errors import describe
from bench.core.rows import Part
from bench.metrics import availability
from bench.metrics.base import Composed, Metric, Sample, Unscored
from bench.metrics.facts import MetricFacts, smallness
from bench.metrics.registry import load as load_metric
from bench.weights.search import Missing


@dataclass(frozen=True)
class Scoring:
    """A metric to score by, with its files of weights and the digest of both."""

    facts: MetricFacts
    files: Mapping[str, Path]
    digest: str


@dataclass(frozen=True)
class Scores:
    """What a batch of one scores, all by metric column."""

    values: dict[str, float] = field(default_factory=dict)
    unscored: dict[str, str] = field(default_factory=dict)  # why a score is missing
    parts: dict[str, dict[str, Part]] = field(default_factory=dict)  # of composed scores


def score_sample(sample: Sample, metrics: Mapping[str, Metric]) -> Scores:
    """Scores of a batch of one, and the reasons of those that are missing.

    A metric that raises leaves its own column empty and says why.
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


def ready_metric(scoring: Scoring, device: torch.device) -> Metric:
    """A metric with its weights loaded; one that cannot load says so in place of each score."""
    try:
        metric = load_metric(scoring.facts)()
        metric.setup(scoring.files, device)
        metric.smallest = scoring.facts.smallest
    except Exception as error:
        return Broken(describe(error))
    return metric


class Broken(Metric):
    """A metric that could not be loaded: it scores nothing and costs no restoration."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def score(self, sample: Sample) -> list[Unscored]:
        return [Unscored(self.reason)] * len(sample.truth)


def scoring_of(facts: MetricFacts) -> Scoring | Missing:
    """The metric with its files, or what it lacks here."""
    if lacking := availability.missing(facts):
        return lacking
    found = availability.files(facts)
    whole = availability.identified(facts, found)
    identity = [whole.protocol, code_digest(facts.target), *(f.sha256 for f in found.values())]
    paths = {kind: file.path for kind, file in found.items()}
    return Scoring(whole, paths, "|".join(identity))
