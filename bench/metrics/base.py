"""The Metric interface: a score of a restored picture against the truth and the input."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from bench.core.rows import Part
from bench.datasets.factors import Known, Unknown
from bench.metrics.of_truth import OfTruth
from bench.operators.base import Operator


@dataclass(frozen=True)
class Sample:
    """Pictures to score, all 8-bit: values in [0, 1] that are multiples of 1/255."""

    restored: Tensor  # (N, 3, H, W)
    truth: Tensor  # (N, 3, H, W)
    y: Tensor  # (N, 3, h, w)
    operator: Operator
    known: tuple[Known | Unknown, ...] = ()  # N factors of the truth, or why there are none


@dataclass(frozen=True)
class Unscored:
    """Why a picture has no score, such as a truth in which no face is found."""

    reason: str


@dataclass(frozen=True)
class Composed:
    """A score that is the mean of parts, which tables show one by one."""

    value: float
    parts: Mapping[str, Part]


class Metric(ABC):
    """One metric, ready to score after `setup`."""

    # `MetricFacts` of a third party's metric; those of the built-in ones stand in the registry,
    # which is not imported here: a title changed there would be a new version of every metric.
    facts: ClassVar[Any]

    # The side in pixels of the smallest pictures that it is defined on, from its facts.
    smallest: int = 1

    # What it has computed of truths, for other methods of the split: see `OfTruth`.
    of_truth: OfTruth = OfTruth()

    def setup(self, files: Mapping[str, Path], device: torch.device) -> None:
        """Load the weights, by their kind in the weights registry."""

    @abstractmethod
    def score(self, sample: Sample) -> Sequence[float | Composed | Unscored]:
        """One score an image, that does not depend on the others of the batch."""
