"""The factors of the pictures of a training, and what of them a reader can be asked."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.core.errors import BenchError, some
from bench.datasets.factors import IDENTITY, Value, read_factors
from bench.metrics.factor_reader import FLAGS, TOLERANCE, Factor
from bench.training.data import TrainingPictures

Known = Mapping[str, Value]

SEED = "_seed"  # ends the names of numbers that pick a pattern and mean nothing
MOST_OPTIONS = 16  # texts of more different values are names, not kinds
GUESSES = 512  # training values tried as the one answer of a blind guess


@dataclass(frozen=True)
class TrainingFactors:
    """The factors of the pictures trained on and of those held out, in their order."""

    train: tuple[Known, ...]
    held_out: tuple[Known, ...]

    @property
    def digest(self) -> str:
        """Hash of all of them, 12 hexadecimal digits."""
        text = json.dumps([*self.train, *self.held_out], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_training_factors(pictures: TrainingPictures) -> TrainingFactors:
    """From the JSON file beside each picture.

    Raises `BenchError` for files that are missing or hold something else, and if one identity is
    both trained on and held out: what was learnt by heart would pass for what can be read.
    """
    files = [path.with_suffix(".json") for path in pictures.files]
    advice = (
        f"`python -m bench render --split {pictures.split} --out DIR` makes pictures with their "
        "factors beside them"
    )
    if missing := [path.name for path in files if not path.is_file()]:
        raise BenchError(
            f"{len(missing)} of {len(files)} files of factors are missing, such as "
            f"{some(missing)}; {advice}"
        )
    known = tuple(read_factors(path) for path in files)
    found = TrainingFactors(known[: len(pictures.train)], known[len(pictures.train) :])
    shared = identities(found.train) & identities(found.held_out)
    if shared:
        raise BenchError(
            f"{len(shared)} identities are both trained on and held out: {some(sorted(shared))}; "
            f"render those of val/ with another --seed: {advice}"
        )
    return found


def identities(known: Sequence[Known]) -> set[str]:
    """Who or what is shown."""
    return {str(factors[IDENTITY]) for factors in known if IDENTITY in factors}


def factors_to_read(known: Sequence[Known]) -> tuple[Factor, ...]:
    """What can be asked of every picture, by name: all but the identity, seeds and constants.

    Raises `BenchError` if nothing is left.
    """
    shared = set.intersection(*(set(factors) for factors in known))
    names = sorted(name for name in shared if name != IDENTITY and not name.endswith(SEED))
    found = tuple(
        factor
        for name in names
        if (factor := factor_of(name, [factors[name] for factors in known]))
    )
    if not found:
        raise BenchError(
            "no factor that every picture has takes more than one value: there is nothing to read"
        )
    return found


def factor_of(name: str, values: Sequence[Value]) -> Factor | None:
    """The factor of these values, with its chance; None where there is nothing to read."""
    if all(isinstance(value, bool | str) for value in values):
        is_flag = all(isinstance(value, bool) for value in values)
        texts = Counter(FLAGS[value] if isinstance(value, bool) else str(value) for value in values)
        if not 2 <= len(texts) <= MOST_OPTIONS or len({type(value) for value in values}) > 1:
            return None
        options = FLAGS if is_flag else tuple(sorted(texts))
        chance = max(texts.values()) / len(values)
        return Factor(name=name, options=options, is_flag=is_flag, chance=chance)
    if any(isinstance(value, bool | str) for value in values):
        return None
    is_list = isinstance(values[0], tuple)
    rows = [np.atleast_1d(np.array(value, float)) for value in values]
    if any(isinstance(v, tuple) != is_list for v in values) or len({len(r) for r in rows}) > 1:
        return None
    numbers = np.stack(rows)
    spread = float(np.sqrt(np.mean(numbers.var(0))))
    if not spread > 1e-9 * max(1.0, float(np.abs(numbers).max())):
        return None
    return Factor(
        name=name,
        is_list=is_list,
        mean=tuple(float(value) for value in numbers.mean(0)),
        spread=spread,
        chance=best_guess((numbers - numbers.mean(0)) / spread),
    )


def best_guess(numbers: NDArray[np.float64]) -> float:
    """The share of standardised numbers (N, D) that the best single one of them agrees with."""
    guesses = numbers[:: max(1, len(numbers) // GUESSES)]
    distances = np.sqrt(np.mean((guesses[:, None] - numbers) ** 2, axis=2))
    return float((distances <= TOLERANCE).mean(1).max())
