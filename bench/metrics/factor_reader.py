"""What a factor reader reads: the description that its file of weights carries, and agreement.

A reading agrees with a known factor if it names the same kind or, of a number, lies within half a
standard deviation of it, as the factor spreads over the training pictures; of colours that is the
root mean square over the channels. So every factor is judged on one scale, the share of pictures
on which the reading agrees, whose zero is what one unchanging answer would reach (`chance`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from safetensors import SafetensorError, safe_open

from bench.datasets.factors import LONGEST_KIND, LONGEST_LIST, MOST_FACTORS, NAME, Value

Readings = NDArray[np.float64]
Share = Annotated[float, Field(ge=0, le=1)]

METADATA = "factors"  # the entry of the file's header
TOLERANCE = 0.5  # standard deviations
# Below these a reader knows so little of a factor that no restoration could be judged by it: a
# number whose R2 is 0.5 is within half a deviation hardly more often than a guess in its middle.
LEAST_SKILL = 0.3
LEAST_GAIN = 0.1  # of the agreement over that of a blind guess
FLAGS = ("no", "yes")


class DescriptionError(ValueError):
    """A file of weights that does not say what it reads."""


class Factor(BaseModel):
    """One factor: a kind with its options, or numbers with their mean and spread."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(pattern=f"^{NAME.pattern}$")
    options: tuple[Annotated[str, Field(max_length=LONGEST_KIND)], ...] = Field(
        default=(), max_length=64
    )
    is_flag: bool = False  # true or false, called yes and no
    is_list: bool = False  # numbers that come as a list: a colour
    mean: tuple[float, ...] = Field(default=(), max_length=LONGEST_LIST)
    spread: float = Field(default=1.0, gt=0)  # standard deviation, root mean square over the list
    chance: Share = 0.0  # agreement of the one answer that agrees most often in training
    agreement: Share = 0.0  # on held-out pictures
    accuracy: Share = 0.0  # the same, of a kind balanced over its options
    skill: float = Field(default=0.0, le=1)  # 0 of chance: accuracy beyond it, or R2 of numbers

    @model_validator(mode="after")
    def is_one_or_the_other(self) -> Factor:
        """Options or numbers."""
        if (len(self.options) < 2) == (not self.mean) or (self.options and self.mean):
            raise ValueError("a factor has two or more options, or a mean of numbers")
        return self

    @property
    def outputs(self) -> int:
        """How many numbers the reader gives for it: a logit an option, or a number each."""
        return len(self.options) or len(self.mean)

    @property
    def is_readable(self) -> bool:
        """Whether the reader knows enough of it to judge others by."""
        return self.skill >= LEAST_SKILL and self.agreement >= self.chance + LEAST_GAIN

    def target(self, value: Value) -> Readings | None:
        """What the reader should say of that value: the option's place, or standardised numbers.

        None of a value that is no such factor's: another type, or an option that training had not.
        """
        if self.options:
            if isinstance(value, bool) != self.is_flag:
                return None
            text = FLAGS[value] if isinstance(value, bool) else value
            return np.array([self.options.index(text)], float) if text in self.options else None
        if isinstance(value, str | bool) or isinstance(value, tuple) != self.is_list:
            return None
        numbers = np.atleast_1d(np.array(value, float))
        return (numbers - self.mean) / self.spread if len(numbers) == len(self.mean) else None

    def agrees(self, reading: Readings, target: Readings) -> bool:
        """Whether the reader's outputs for the factor agree with what they should be."""
        if self.options:
            return bool(reading.argmax() == target[0])
        return bool(np.sqrt(np.mean((reading - target) ** 2)) <= TOLERANCE)


class Description(BaseModel):
    """All that a reader reads, in the order of its outputs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    split: str = Field(min_length=1, max_length=100)
    factors: tuple[Factor, ...] = Field(min_length=1, max_length=MOST_FACTORS)

    @property
    def outputs(self) -> int:
        """How many numbers the reader gives."""
        return sum(factor.outputs for factor in self.factors)

    def parts(self, readings: Readings) -> Iterator[tuple[Factor, Readings]]:
        """Each factor with its part (..., outputs of it) of readings (..., outputs)."""
        ends = np.cumsum([factor.outputs for factor in self.factors])
        return zip(self.factors, np.split(readings, ends[:-1], axis=-1), strict=True)

    def targets(self, known: Mapping[str, Value]) -> dict[str, Readings]:
        """What the reader should say of each factor.

        Raises `DescriptionError` naming the factors that are missing or of another kind.
        """
        missing = [f.name for f in self.factors if f.name not in known]
        if missing:
            raise DescriptionError(f"the factors lack {listed(missing)}, which are read")
        found = {f.name: f.target(known[f.name]) for f in self.factors}
        if strange := [name for name, target in found.items() if target is None]:
            shown = listed([f"{name} = {known[name]!r:.40}" for name in strange])
            raise DescriptionError(
                f"values that the reader of {self.split} was not made for: {shown}"
            )
        return {name: target for name, target in found.items() if target is not None}

    def metadata(self) -> dict[str, str]:
        """For the header of a safetensors file."""
        return {METADATA: self.model_dump_json(exclude_defaults=True)}


def description_of(path: Path) -> Description:
    """The description in the header of a safetensors file. Raises `DescriptionError`."""
    advice = "`python -m bench train readers` makes files that have it"
    try:
        with safe_open(path, framework="numpy") as file:
            text = (file.metadata() or {}).get(METADATA)
    except (SafetensorError, OSError) as error:
        raise DescriptionError(f"{path} is no safetensors file: {error}; {advice}") from None
    if text is None:
        raise DescriptionError(f"{path} does not say which factors it reads; {advice}")
    try:
        return Description.model_validate(json.loads(text))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise DescriptionError(f"{path}: its factors, {place}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise DescriptionError(f"{path}: its factors are no JSON: {error}") from None


def listed(names: Sequence[str], most: int = 5) -> str:
    """The first few names, the rest counted."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
