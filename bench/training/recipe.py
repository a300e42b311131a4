"""What the loop asks of a recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bench.pictures.files import Pixels
from bench.training.average import WeightAverage
from methods.checkpoints.eight_bits import LARGEST


@dataclass(frozen=True)
class Product:
    """The file that a recipe ends in: `name`.safetensors, and what its card says."""

    name: str  # such as face-glean-x16-128
    kind: str
    title: str
    serves: Sequence[Mapping[str, Any]]  # tasks, such as a split and a size
    measured: Mapping[str, Any] = field(default_factory=dict)  # by the latest score, for the card
    metadata: Mapping[str, str] = field(default_factory=dict)  # for the header of the file
    largest: int = LARGEST  # integer that its weights are stored with


class Stateful(Protocol):
    """A network, an optimiser, or several as one."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state_dict: dict[str, Any], /) -> object: ...


class Recipe(Protocol):
    """A network, its losses and its optimisers: one paper's training section."""

    @property
    def product(self) -> Product: ...

    @property
    def batch(self) -> int:
        """Images a step."""
        ...

    @property
    def settings(self) -> Mapping[str, Any]:
        """Everything that shapes the result, for `training.json`; a resumed run must agree."""
        ...

    @property
    def score_name(self) -> str:
        """What `score` measures."""
        ...

    def step(self, iteration: int) -> Mapping[str, float]:
        """Make one update of the weights and return the losses.

        A pure function of the state and of `iteration`, from which all randomness is drawn.
        """
        ...

    def score(self) -> float:
        """Score of the averaged weights on held-out pictures, lower better."""
        ...

    def sheet(self) -> Pixels:
        """Pictures to judge by eye, as one."""
        ...

    @property
    def average(self) -> WeightAverage[Any]:
        """The moving average of the network, exported in its published layout."""
        ...

    @property
    def parts(self) -> Mapping[str, Stateful]:
        """All that `step` depends on besides `iteration`, by name."""
        ...


def state_of(recipe: Recipe) -> dict[str, Any]:
    """The state of every part of a recipe, for a checkpoint."""
    return {name: part.state_dict() for name, part in recipe.parts.items()}


def go_on(recipe: Recipe, state: Mapping[str, Any]) -> None:
    """Put every part of a recipe into the state of a checkpoint."""
    for name, part in recipe.parts.items():
        part.load_state_dict(state[name])
