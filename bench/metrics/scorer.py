"""Metrics made ready to score with their files, and one picture scored by all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from bench.core.code_version import version_of
from bench.core.errors import describe
from bench.core.rows import Part
from bench.datasets.factors import Unknown
from bench.machine.own_state import OwnState, seed_generators
from bench.metrics import availability
from bench.metrics.base import Composed, Metric, Sample, Unscored
from bench.metrics.facts import MetricFacts, smallness
from bench.metrics.of_truth import OfTruth
from bench.metrics.registry import load as load_metric
from bench.metrics.returned import scores_in
from bench.weights.search import Missing


@dataclass(frozen=True)
class Scoring:
    """A metric to score by, with its files of weights.

    The digest is of both, and of the versions of the libraries that it wraps.
    """

    facts: MetricFacts
    files: Mapping[str, Path]
    digest: str


@dataclass(frozen=True)
class ImageScores:
    """What a batch of one scores, all by metric column."""

    values: dict[str, float] = field(default_factory=dict)
    unscored: dict[str, str] = field(default_factory=dict)  # why a score is missing
    parts: dict[str, dict[str, Part]] = field(default_factory=dict)  # of composed scores


def score_sample(sample: Sample, metrics: Mapping[str, Metric]) -> ImageScores:
    """Scores of a batch of one, and the reasons of those that are missing.

    Each metric gets pictures of its own, so that one that writes into them spoils no other's. A
    metric that raises, were it `SystemExit`, leaves its own column empty and says why; so does
    one that gives anything but a number.
    """
    found = ImageScores()
    for column, metric in metrics.items():
        try:
            value = too_small(sample, metric) or score_of(metric, sample)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            value = Unscored(describe(error))
        if isinstance(value, Composed):
            found.parts[column] = dict(value.parts)
            value = value.value
        if isinstance(value, Unscored):
            found.unscored[column] = value.reason
        elif math.isfinite(value):
            found.values[column] = value
        else:
            found.unscored[column] = f"the metric gave {value}"
    return found


def score_of(metric: Metric, sample: Sample) -> float | Composed | Unscored:
    """The score of a batch of one. Raises whatever the metric raises."""
    (value,) = scores_in(metric.score(copied(sample)), len(sample.truth))
    return value


def too_small(sample: Sample, metric: Metric) -> Unscored | None:
    """Why pictures of this size have no score by the metric; None if they are large enough."""
    height, width = sample.truth.shape[-2:]
    why = smallness(metric.smallest, [(height, width)])
    return Unscored(why) if why else None


def copied(sample: Sample) -> Sample:
    """The same pictures and factors, to be written into."""
    known = tuple(
        one if isinstance(one, Unknown) else replace(one, values=dict(one.values))
        for one in sample.known
    )
    return replace(
        sample,
        restored=sample.restored.clone(),
        truth=sample.truth.clone(),
        y=sample.y.clone(),
        known=known,
    )


def ready_metric(scoring: Scoring, device: torch.device, truths: Path | None = None) -> Metric:
    """A metric with its weights loaded; one that cannot load says so in place of each score.

    truths: a folder for what it computes of the truth alone, shared with other processes.
    """
    apart = Apart()
    try:
        apart.load(scoring, device, truths)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return Broken(describe(error))
    return apart


class Apart(Metric):
    """A metric that keeps to itself what it sets for the whole process."""

    def __init__(self) -> None:
        self.state = OwnState()

    def load(self, scoring: Scoring, device: torch.device, truths: Path | None) -> None:
        """Import the metric and set it up. Raises whatever it raises."""
        with self.state:
            seed_generators(0)
            self.metric = load_metric(scoring.facts)()
            if isinstance(self.metric.of_truth, OfTruth):  # a stranger's may be something else
                self.metric.of_truth = OfTruth(truths, scoring.digest)
            self.metric.setup(dict(scoring.files), device)
            self.smallest = scoring.facts.smallest

    def score(self, sample: Sample) -> Sequence[float | Composed | Unscored]:
        with self.state:
            seed_generators(0)
            return self.metric.score(sample)


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
    version = version_of(facts.target, facts.modules)
    identity = [whole.protocol, version, *(f.sha256 for f in found.values())]
    paths = {kind: file.path for kind, file in found.items()}
    return Scoring(whole, paths, "|".join(identity))
