"""A metric, ready to score where its weights and packages are here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from bench.conformance.pictures import sample
from bench.conformance.verdict import Breach, NotApplicable, Unavailable
from bench.metrics import availability
from bench.metrics.base import Composed, Metric, Sample, Unscored
from bench.metrics.facts import Direction, MetricFacts
from bench.metrics.registry import load
from bench.metrics.returned import BadScore, scores_in
from bench.weights.search import advice


@dataclass(frozen=True)
class MetricSubject:
    """A metric's class, with its files by kind."""

    facts: MetricFacts
    metric_class: type[Metric]
    files: Mapping[str, Path]
    folder: Path  # to write into
    absence: str = ""  # why it cannot be computed here

    @cached_property
    def metric(self) -> Metric:
        """Set up. Raises `Unavailable` if it cannot be computed here."""
        if self.absence:
            raise Unavailable(self.absence)
        metric = self.metric_class()
        metric.setup(self.files, torch.device("cpu"))
        return metric

    def scores(self, restored: Tensor, truth: Tensor) -> list[float]:
        """The scores of pictures that must all have one. Raises `Breach` if not."""
        if self.facts.needs_factors:
            raise NotApplicable("it is held against known factors, which these pictures lack")
        found = self.scored(sample(restored, truth))
        numbers = [score.value if isinstance(score, Composed) else score for score in found]
        floats = [number for number in numbers if isinstance(number, float)]
        if len(floats) < len(found):
            raise Breach(f"scores {found}, expected numbers for pictures of a face")
        return floats

    def scored(self, given: Sample) -> list[float | Composed | Unscored]:
        """What the metric says of pictures, in Python's own numbers. Raises `Breach`."""
        try:
            return scores_in(self.metric.score(given), len(given.truth))
        except BadScore as error:
            raise Breach(str(error)) from None

    def better(self, first: float, second: float) -> bool:
        """Whether the first score is the better one."""
        return first > second if self.facts.better is Direction.HIGHER else first < second


def open_metric(
    facts: MetricFacts, folder: Path, files: Mapping[str, Path] | None = None
) -> MetricSubject:
    """The metric with these files, or with those found here; nothing stands in for them.

    Raises `Unavailable` if packages are missing, and whatever the metric's class raises.
    """
    if lacking := availability.missing_packages(facts):
        raise Unavailable(advice(lacking))
    if files is not None:
        return MetricSubject(facts, load(facts), files, folder)
    lacking = availability.missing(facts)
    found = {kind: file.path for kind, file in availability.files(facts).items()}
    return MetricSubject(facts, load(facts), found, folder, advice(lacking) if lacking else "")
