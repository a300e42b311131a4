"""What a metric gave back, judged: a score a picture, in Python's own numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from bench.core.errors import BenchError
from bench.core.plain import plain_number, shown
from bench.core.rows import Part
from bench.metrics.base import Composed, Unscored

WANTED = "a sequence with one number or `Unscored` a picture"


class BadScore(BenchError):
    """A metric gave back something that is no score."""


def scores_in(returned: object, count: int) -> list[float | Composed | Unscored]:
    """The scores of `count` pictures in what `Metric.score` returned; numbers are Python's.

    Raises `BadScore` that says what was wanted.
    """
    is_scalar = getattr(returned, "ndim", None) == 0
    if (
        is_scalar
        or isinstance(returned, str | bytes | Mapping)
        or not isinstance(returned, Iterable)
    ):
        raise BadScore(f"score() returned {shown(returned)}, expected {WANTED}")
    values = list(returned)
    if len(values) != count:
        raise BadScore(f"score() returned {len(values)} scores of {count} pictures")
    return [score_in(value) for value in values]


def score_in(value: object) -> float | Composed | Unscored:
    """One score, of Python's own types. Raises `BadScore` for what is none."""
    if isinstance(value, Unscored):
        return Unscored(str(value.reason))
    if isinstance(value, Composed):
        parts = {str(name): part_in(name, part) for name, part in dict(value.parts).items()}
        return Composed(number_in(value.value, "the value of `Composed`"), parts)
    return number_in(value, "a score")


def part_in(name: object, part: object) -> Part:
    """A part of a composed score. Raises `BadScore` for what is none."""
    if not isinstance(part, tuple) or len(part) != len(Part._fields):
        raise BadScore(f"the part {name!r} of `Composed` is {shown(part)}, expected a `Part`")
    restored, *others = part
    whose = f"a number of the part {name!r} of `Composed`"
    return Part(
        None if restored is None else finite_in(restored, whose),
        *(finite_in(other, whose) for other in others),
    )


def number_in(value: object, what: str) -> float:
    """The number. Raises `BadScore` where it is none."""
    number = plain_number(value)
    if number is None:
        raise BadScore(f"{what} is {shown(value)}; score() returns {WANTED}")
    return number


def finite_in(value: object, what: str) -> float:
    """The number. Raises `BadScore` where it is none that a mean can take."""
    number = number_in(value, what)
    if not math.isfinite(number):
        raise BadScore(f"{what} is {number}, expected a finite number")
    return number
