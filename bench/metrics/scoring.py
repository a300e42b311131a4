"""One restored picture under several metrics; none of them can cost the others their scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from bench.errors import BenchError
from bench.metrics.base import Composed, Metric, Sample, Unscored
from bench.metrics.plain import plain_number, shown
from bench.rows import Part

WANTED = "a sequence with one number or `Unscored` a picture"


class BadScore(BenchError):
    """A metric gave back something that is no score."""


@dataclass(frozen=True)
class Scores:
    """What a batch of one scores, all by metric column."""

    values: dict[str, float] = field(default_factory=dict)
    unscored: dict[str, str] = field(default_factory=dict)  # why a score is missing
    parts: dict[str, dict[str, Part]] = field(default_factory=dict)  # of composed scores


def score_sample(
    sample: Sample, metrics: Mapping[str, Metric], describe: Callable[[BaseException], str]
) -> Scores:
    """Scores of a batch of one, and the reasons of those that are missing.

    Each metric gets pictures of its own, so that one that writes into them spoils no other's. A
    metric that raises, were it `SystemExit`, leaves its own column empty and says why, as
    `describe` has it; so does one that gives anything but a number.
    """
    found = Scores()
    for column, metric in metrics.items():
        try:
            (value,) = scores_in(metric.score(copied(sample)), len(sample.truth))
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


def copied(sample: Sample) -> Sample:
    """The same pictures and factors, to be written into."""
    known = tuple(
        one if isinstance(one, Unscored) else replace(one, values=dict(one.values))
        for one in sample.known
    )
    return replace(
        sample,
        restored=sample.restored.clone(),
        truth=sample.truth.clone(),
        y=sample.y.clone(),
        known=known,
    )


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
