"""What is known of a metric before it is imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"


WANTED = {
    "str": "a text",
    "bool": "True or False",
    "int": "a whole number",
    "float | None": "a number or None",
    "Direction": "Direction.HIGHER or Direction.LOWER",
    "Role | None": "a Role or None",
    "tuple[str, ...]": "a tuple of texts",
}


def is_of(value: object, kind: str) -> bool:
    """Whether a fact is of the type that is written so."""
    if kind == "tuple[str, ...]":
        return isinstance(value, tuple) and all(isinstance(each, str) for each in value)
    kinds: dict[str, tuple[type, ...]] = {
        "str": (str,), "bool": (bool,), "int": (int,), "float | None": (float, int, type(None)),
        "Direction": (Direction,), "Role | None": (Role, type(None)),
    }  # fmt: skip
    return isinstance(value, kinds[kind])


class Role(StrEnum):
    """The question that a metric answers."""

    PERCEPTION = "perception"  # does it look like the truth to people
    FIDELITY = "fidelity"  # are the pixels those of the truth
    IDENTITY = "identity"  # is it the same person
    CONSISTENCY = "consistency"  # does it lead to the input when it is degraded again
    FACTORS = "factors"  # does it show what the truth was rendered with


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
    role: Role | None = None  # None: it stands in tables and plots, and answers no question
    precedence: int = 5  # among those of its role: the lowest that was measured answers
    perfect: float | None = None  # what the truth itself scores; None: not known beforehand
    margin: float | None = None  # least mean difference worth a word; None: 2% of the mean
    same_person: float | None = None  # from where on two pictures show one person
    short: str = ""  # title under a picture; empty: the title
    errs_on_truth: bool = False  # the truth is ahead on average, not on every picture
    of_squared_error: bool = False  # orders pictures as their squared error does

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


# What only computing a metric takes; readers of scores need the rest.
TO_COMPUTE = {
    "target", "domains", "weights", "split_weights", "needs_factors", "modules", "install",
}  # fmt: skip
READ = tuple(field for field in fields(MetricFacts) if field.name not in TO_COMPUTE)


def stated(facts: MetricFacts) -> dict[str, Any]:
    """What readers need of a metric, which they may not have installed, as plain data."""
    every = asdict(facts)
    return {field.name: every[field.name] for field in READ if every[field.name] != field.default}


def restated(kept: Mapping[str, Any]) -> MetricFacts:
    """The facts that `stated` kept, by this version or another.

    Raises `ValueError` or `KeyError` if they are none.
    """
    known = {field.name: kept[field.name] for field in READ if field.name in kept}
    role = known.get("role")
    return MetricFacts(
        **{
            **known,
            "better": Direction(kept["better"]),
            "splits": tuple(kept.get("splits", ())),
            "role": None if role is None else Role(role),
        }
    )


def of_role(role: Role, metrics: Iterable[MetricFacts]) -> list[MetricFacts]:
    """The metrics of that role, the one that should answer for it first."""
    return sorted((facts for facts in metrics if facts.role is role), key=lambda f: f.precedence)


def by_role(metrics: Sequence[MetricFacts]) -> list[MetricFacts]:
    """The metrics in the order in which they may lead a table: perception first.

    At large factors people judge what pixel errors reward as blur.
    """
    asked = [facts for role in (Role.PERCEPTION, Role.FIDELITY) for facts in of_role(role, metrics)]
    return [*asked, *(facts for facts in metrics if facts not in asked)]
