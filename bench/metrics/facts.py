"""What is known of a metric before it is imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
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


WANTED = {
    "str": "a text",
    "bool": "True or False",
    "int": "a whole number",
    "Direction": "Direction.HIGHER or Direction.LOWER",
    "tuple[str, ...]": "a tuple of texts",
}


def is_of(value: object, kind: str) -> bool:
    """Whether a fact is of the type that is written so."""
    if kind == "tuple[str, ...]":
        return isinstance(value, tuple) and all(isinstance(each, str) for each in value)
    kinds = {"str": str, "bool": bool, "int": int, "Direction": Direction}
    return isinstance(value, kinds[kind])


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
    smallest: int = 1  # side in pixels of the smallest pictures it is defined on
    needs_factors: bool = False  # what the picture was rendered with, as the JSON beside it says
    modules: tuple[str, ...] = ()  # Python packages it needs
    install: str = ""  # the command that installs them

    def faults(self) -> list[str]:
        """What is of another type than it is declared to be, as a stranger's class may have it."""
        return [
            f"`{field.name}` is {value!r}, expected {wanted}"
            for field in fields(self)
            for value, wanted in [(getattr(self, field.name), WANTED[str(field.type)])]
            if not is_of(value, str(field.type))
        ]

    def applies_to(self, split: str) -> bool:
        """Whether the metric means anything on pictures of this split."""
        return not self.splits or split in self.splits

    def refusal(self, domains: Iterable[str]) -> str:
        """Why the metric means nothing on pictures of any of these domains; empty if it does."""
        if not self.domains or not set(domains).isdisjoint(self.domains):
            return ""
        return f"not applicable: defined on {' and '.join(self.domains)} pictures only"


def smallness(smallest: int, sizes: Sequence[tuple[int, int]]) -> str:
    """Why pictures of these sizes (height, width) are all too small for a metric; empty if not."""
    if not sizes or any(min(size) >= smallest for size in sizes):
        return ""
    told = ", ".join(f"{width}x{height}" for height, width in dict.fromkeys(sizes))
    return f"not applicable: pictures of {told} pixels; its window takes {smallest} a side or more"
