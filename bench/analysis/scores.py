"""Scores of rows by image: which count, and what several seeds come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from bench.core.rows import Row
from bench.metrics.facts import Direction, MetricFacts

SeedScores = Mapping[str, Mapping[str, Sequence[float]]]  # metric column to image to scores


@dataclass(frozen=True)
class SeedSpread:
    """What the seed decides, over the images that every seed was scored on."""

    seeds: int
    sd: float  # of the means over images, between seeds
    best_of_k: float  # mean of each image's best score: a choice that only the truth can make


def scores_of(
    rows: Sequence[Row], metrics: Iterable[MetricFacts]
) -> dict[str, dict[str, list[float]]]:
    """Metric column to image to its scores, seed by seed; images that every seed was scored on."""
    seeds = len({row.seed for row in rows})
    in_order = sorted(rows, key=lambda row: row.seed)
    found: dict[str, dict[str, list[float]]] = {}
    for facts in metrics:
        by_image: dict[str, list[float]] = {row.image: [] for row in rows}
        for row in in_order:
            value = row.score(facts.column)
            if value is not None:
                by_image[row.image].append(value)
        found[facts.column] = {
            image: values for image, values in by_image.items() if len(values) == seeds
        }
    return found


def means_over_seeds(scores: SeedScores) -> dict[str, dict[str, float]]:
    """Metric column to image to the mean of its scores."""
    return {
        column: {image: fmean(values) for image, values in by_image.items()}
        for column, by_image in scores.items()
    }


def seed_spread(scores: Mapping[str, Sequence[float]], better: Direction) -> SeedSpread:
    """The spread of several seeds; `scores` are those of each image, seed by seed."""
    means = [fmean(of_seed) for of_seed in zip(*scores.values(), strict=True)]
    pick = max if better is Direction.HIGHER else min
    best = fmean(pick(values) for values in scores.values())
    return SeedSpread(len(means), stdev(means), best)
