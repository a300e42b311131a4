"""Images on which two metrics prefer different methods."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from bench.metrics.facts import Direction, MetricFacts
from bench.stats import are_equal

MOST = 6  # of each pair of metrics in each table

Scores = Mapping[str, Mapping[str, float]]  # method to image to score


class Disagreement(NamedTuple):
    """On `image`, metric `one` prefers method `first` and metric `other` prefers `second`."""

    one: str
    other: str
    image: str
    first: str
    second: str
    strength: float  # the weaker of the two preferences, in standard deviations of its metric


def disagreements(
    scores: Mapping[str, Scores], metrics: Sequence[MetricFacts]
) -> Iterator[Disagreement]:
    """The strongest ones of each pair of metrics, at most one an image, strongest first.

    scores: metric column to method to image to score, of one table. A preference counts in
    standard deviations of that metric's differences between methods over the whole table, so that
    decibels and distances can be held against each other.
    """
    preferences = {facts.column: preferences_of(scores[facts.column], facts) for facts in metrics}
    for one, other in itertools.combinations(preferences, 2):
        strongest: dict[str, Disagreement] = {}
        for (image, first, second), here in preferences[one].items():
            there = preferences[other].get((image, first, second), 0.0)
            if here * there >= 0:
                continue
            pair = (first, second) if here > 0 else (second, first)
            found = Disagreement(one, other, image, *pair, min(abs(here), abs(there)))
            if image not in strongest or found.strength > strongest[image].strength:
                strongest[image] = found
        ordered = sorted(strongest.values(), key=lambda found: -found.strength)
        yield from ordered[:MOST]


def preferences_of(scores: Scores, facts: MetricFacts) -> dict[tuple[str, str, str], float]:
    """(image, first, second) to how much better the first is than the second, in deviations; 0
    where both score the same but for rounding."""
    sign = 1 if facts.better is Direction.HIGHER else -1
    pairs = [
        (image, first, second)
        for first, second in itertools.combinations(sorted(scores), 2)
        for image in scores[first]
        if image in scores[second]
    ]
    one = np.array([scores[first][image] for image, first, _ in pairs])
    other = np.array([scores[second][image] for image, _, second in pairs])
    gains = np.where(are_equal(one, other), 0.0, sign * (one - other))
    found = dict(zip(pairs, gains.tolist(), strict=True))
    spread = float(np.sqrt(np.mean(np.square(list(found.values()))))) if found else 0.0
    return {key: value / spread for key, value in found.items()} if spread else {}
