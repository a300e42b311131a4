"""Which metrics there are, known without importing any of them."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bench.errors import UnknownName

if TYPE_CHECKING:
    from bench.metrics.base import Metric


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True)
class MetricFacts:
    """What is known of a metric before it is imported."""

    column: str  # in rows.csv and summary.csv
    title: str  # in table headers and plots
    better: Direction
    unit: str  # "" where it has none
    protocol: str  # everything that changes the number, in one line
    target: str  # "module:Class"
    splits: tuple[str, ...] = ()  # the splits it is defined on; empty: all
    weights: tuple[str, ...] = ()  # kinds of the weights registry it needs
    modules: tuple[str, ...] = ()  # Python packages it needs
    install: str = ""  # the command that installs them

    def applies_to(self, split: str) -> bool:
        """Whether the metric means anything on pictures of this split."""
        return not self.splits or split in self.splits


METRICS = {
    facts.column: facts
    for facts in (
        MetricFacts(
            "psnr_rgb_db", "PSNR", Direction.HIGHER, "dB",
            "psnr/rgb/uint8/crop0/per-image/identical=100", "bench.metrics.psnr:PSNR",
        ),
        MetricFacts(
            "ssim", "SSIM", Direction.HIGHER, "",
            "ssim/rgb/uint8/gaussian11-sigma1.5/population-covariance/crop0",
            "bench.metrics.ssim:SSIM",
        ),
        MetricFacts(
            "lr_psnr_db", "LR PSNR", Direction.HIGHER, "dB",
            "psnr/rgb/uint8/operator(restored) against y/identical=100",
            "bench.metrics.lr_consistency:LRConsistency",
        ),
    )
}  # fmt: skip


def resolve(column: str) -> MetricFacts:
    """The metric of that column."""
    if column not in METRICS:
        raise UnknownName("metric", column, METRICS)
    return METRICS[column]


def load(facts: MetricFacts) -> type[Metric]:
    """The metric's class, imported now."""
    module, _, name = facts.target.rpartition(":")
    found: type[Metric] = getattr(importlib.import_module(module), name)
    return found
