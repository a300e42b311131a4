"""What is known of a metric before it is imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


def stated(facts: MetricFacts) -> dict[str, Any]:
    """What readers need of a third party's metric, which they may not have installed."""
    kept = ("column", "title", "better", "unit", "protocol", "splits")
    return {name: getattr(facts, name) for name in kept}


def restated(facts: Mapping[str, Any]) -> MetricFacts:
    """The facts that `stated` kept."""
    return MetricFacts(
        **{**facts, "better": Direction(facts["better"]), "splits": tuple(facts["splits"])}
    )


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
    target: str = ""  # "module:Class" or "path/to/file.py:Class"; filled in for third parties
    splits: tuple[str, ...] = ()  # the splits it is defined on; empty: all
    domains: tuple[str, ...] = ()  # of pictures, photo or rendered; empty: all
    weights: tuple[str, ...] = ()  # kinds of the weights registry it needs
    split_weights: tuple[str, ...] = ()  # kinds of which each split has a file of its own
    needs_factors: bool = False  # what the picture was rendered with, as the JSON beside it says
    modules: tuple[str, ...] = ()  # Python packages it needs
    install: str = ""  # the command that installs them

    def applies_to(self, split: str) -> bool:
        """Whether the metric means anything on pictures of this split."""
        return not self.splits or split in self.splits

    def refusal(self, domains: Iterable[str]) -> str:
        """Why the metric means nothing on pictures of any of these domains; empty if it does."""
        if not self.domains or not set(domains).isdisjoint(self.domains):
            return ""
        return f"not applicable: defined on {' and '.join(self.domains)} pictures only"
