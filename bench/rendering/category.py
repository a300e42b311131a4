"""What a rendered category must offer, and the categories there are."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, Protocol, cast

import numpy as np

from bench.core.errors import UnknownName
from bench.rendering.scene import Scene

Factors = Mapping[str, Any]
DIGITS = 4
VIEWS = 4  # pictures of one identity
CATEGORIES = ("face", "cat", "car", "bedroom", "tower")


class Category(Protocol):
    """A module of this package. Factors are JSON: strings, numbers, booleans, lists of numbers.

    `build` depends on the factors alone: the same factors always give the same scene.
    """

    def identity(self, draw: Draw) -> Factors:
        """What makes this one face, cat, car, room or tower, whatever the view."""
        ...

    def view(self, draw: Draw, identity: Factors) -> Factors:
        """What differs between pictures of one identity: pose, expression, light, backdrop."""
        ...

    def build(self, factors: Factors) -> Scene:
        """The scene of identity and view together."""
        ...


class Draw:
    """Random factors, rounded so that their JSON says all there is."""

    def __init__(self, *seed: int) -> None:
        self.generator = np.random.default_rng(seed)

    def uniform(self, low: float, high: float) -> float:
        """Between `low` and `high`."""
        return round(float(self.generator.uniform(low, high)), DIGITS)

    def normal(self, mean: float, deviation: float, limit: float = 2.5) -> float:
        """Normal, cut at `limit` deviations."""
        standard = float(np.clip(self.generator.normal(), -limit, limit))
        return round(mean + deviation * standard, DIGITS)

    def chance(self, probability: float) -> bool:
        """True so often."""
        return bool(self.generator.random() < probability)

    def choice(self, options: Mapping[str, float]) -> str:
        """A name, as often as its weight says."""
        weights = np.array(list(options.values()), float)
        return str(self.generator.choice(list(options), p=weights / weights.sum()))

    def colour(self, base: tuple[float, float, float], spread: float) -> list[float]:
        """An sRGB colour near `base`."""
        return [round(min(max(self.normal(c, spread), 0.0), 1.0), DIGITS) for c in base]

    def seed(self) -> int:
        """For a pattern."""
        return int(self.generator.integers(2**31))


def factors_of(split: str, seed: int, index: int, views: int = VIEWS) -> Factors:
    """Factors of picture `index`: its identity is shared by `views` pictures of this seed."""
    category, number = load(split), index // views
    tag = CATEGORIES.index(split)
    identity = category.identity(Draw(seed, tag, number))
    view = category.view(Draw(seed, tag, number, 1 + index % views), identity)
    return {"identity": f"{seed}-{number}", **identity, **view}


def load(split: str) -> Category:
    """The category called `split`."""
    if split not in CATEGORIES:
        raise UnknownName("rendered split", split, CATEGORIES)
    return cast(Category, importlib.import_module(f"bench.rendering.{split}"))
