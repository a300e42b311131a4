"""The Method interface: what every method is given, and what it gives back.

A method restores x from y = A(x). It never sees the truth. The engine makes one instance a
cell, asks `skip` and `needs`, calls `setup` once with the files, then `restore`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import torch
from pydantic import BaseModel
from torch import Tensor, nn

from bench.core.errors import BenchError
from bench.operators.base import Operator
from methods.checkpoints.reading import Reading
from methods.cost import count_macs
from methods.settings import Settings

__all__ = [
    "Fit", "Method", "Milestone", "Need", "Precision", "Restoration", "Settings", "Task", "Toy",
    "Unfit",
]  # fmt: skip

Precision = Literal["fp32", "bf16"]
Batches = Literal["no", "asked", "auto"]


@dataclass(frozen=True)
class References:
    """Pictures of the category, none of them the test's, from which a method may take detail.

    pool: files to choose from, by what y shows alone. views: of an oracle, which is told which file
    shows the same person or thing as the truth: by `pixels_digest` of y.
    """

    digest: str  # of the names and contents of all files
    pool: tuple[Path, ...] = ()
    views: Mapping[str, Path] = field(default_factory=dict)
    note: str = ""  # what was left out, and why

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them."""
        return (*self.pool, *dict.fromkeys(self.views.values()))


@dataclass(frozen=True)
class Task:
    """What one cell asks of a method."""

    split: str  # category of the pictures: face, cat, car, bedroom, tower or the user's own
    size: tuple[int, int]  # height and width of the restored picture, in pixels
    scale: int  # factor between y and the restored picture
    operator: Operator  # the degradation that made y, differentiable
    device: torch.device
    cache: Path  # a folder for what is worth keeping between runs, such as PULSE's Gaussian fit
    references: References | None = None  # of a method that takes them


@dataclass(frozen=True)
class Need:
    """A file without which a method cannot work."""

    role: str  # the name under which `setup` receives the file
    kinds: tuple[str, ...]  # kinds of the weights registry that will do, best first
    scale: int | None = None  # the factor the file must serve; None: any
    optional: bool = False  # the method works without it, otherwise than with it

    def shares_file_with(self, other: Need) -> bool:
        """Whether one file may serve both: then its kind is the first of each."""
        return self.kinds[0] == other.kinds[0]


class Unfit(BenchError):
    """A file that is sound, and serves another task: other factors, sizes or kinds of picture."""


@dataclass(frozen=True)
class Fit:
    """How the optimisation of one image went."""

    trace: tuple[float, ...]  # total loss before each step
    reached_tolerance: bool | None  # None: it knows none


@dataclass(frozen=True)
class Milestone:
    """What a search had found when it had taken part of its steps."""

    steps: int
    images: Tensor  # (N, 3, H, W), as those of the `Restoration`
    reached_at: float  # `time.perf_counter()`, the device synchronised


@dataclass(frozen=True)
class Restoration:
    """Restored images (N, 3, H, W), nominally in [0, 1]; one `Fit` each where one was made.

    A method that gets better with its budget may tell what it had on the way: `milestones`, in
    the order of their steps. They are scored like the images, and make the budget curves. What is
    to be known of a picture, such as where an input of the method's came from, is its note: the
    row says it.
    """

    images: Tensor
    fits: tuple[Fit, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    notes: tuple[str, ...] = ()  # none, or one an image


def together(of_each: Sequence[Restoration]) -> Restoration:
    """Restorations made one after the other, of as many steps, as that of one batch."""
    return Restoration(
        torch.cat([one.images for one in of_each]),
        tuple(fit for one in of_each for fit in one.fits),
        milestones_together([one.milestones for one in of_each]),
        tuple(note for one in of_each for note in one.notes),
    )


def milestones_together(of_each: Sequence[Sequence[Milestone]]) -> tuple[Milestone, ...]:
    """Those of searches made one after the other, as one batch's: each counts as reached when the
    last search has reached it."""
    return tuple(
        Milestone(of[0].steps, torch.cat([mark.images for mark in of]), of[-1].reached_at)
        for of in zip(*of_each, strict=True)
    )


@dataclass(frozen=True)
class Toy:
    """A task so small that `python -m bench check` can try a method on it in moments."""

    files: Mapping[str, Path] = field(default_factory=dict)  # by role, their weights random
    settings: Mapping[str, Any] = field(default_factory=dict)  # as few steps as will do
    size: int = 32  # side of the restored picture, in pixels
    scale: int = 4


class Method(ABC):
    """One method at work on one task.

    Subclasses name their hyper-parameters in `Settings` and take them from `self.settings`.
    Those of third parties say here what the registry says of the project's own.
    """

    title: ClassVar[str] = ""  # in tables and plots; without one the name
    paper: ClassVar[str] = ""  # such as "Menon et al., CVPR 2020, arXiv 2003.03808"
    family: ClassVar[str] = ""  # such as "latent optimisation"
    weights: ClassVar[tuple[str, ...]] = ()  # kinds of the weights registry that it takes

    Settings: ClassVar[type[BaseModel]] = Settings
    # True: results depend on the seed, and `--seeds K` restores every image K times.
    stochastic: ClassVar[bool] = False
    # Which of `References` the method takes, and cannot do without.
    takes: ClassVar[Literal["pool", "views"] | None] = None
    # Whether the engine may hand `restore` several pictures: where `--batch N` asks for it, or by
    # itself too, which is for methods that then restore more of them a second.
    batches: ClassVar[Batches] = "no"

    def __init__(self, task: Task, settings: BaseModel) -> None:
        self.task = task
        self.settings = settings

    @classmethod
    def toy(cls, folder: Path) -> Toy | None:  # noqa: ARG003 - for those that make files
        """Files of random weights, made in `folder`, and the task they serve; None: there are none.

        Nothing is ever scored with them.
        """
        return None

    def skip(self) -> str | None:
        """Why this task cannot be done by nature (`not-applicable`), or None."""
        return None

    def needs(self) -> tuple[Need, ...]:
        """The files of weights this task needs."""
        return ()

    def inspect(self, files: Mapping[str, Path]) -> Mapping[str, Reading]:
        """Look into the files, by role, before anything runs, and say which part of each is read.

        Called while a run is planned, for each of its cells, so it should take moments. Raises
        `Unfit` if a file does not serve the task, and any other `BenchError` if it is not the
        file that it was taken for.
        """
        return {}

    def setup(self, files: Mapping[str, Path]) -> None:
        """Load the files, by role. Not timed as latency."""

    @abstractmethod
    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        """Restore y (N, 3, h, w) in [0, 1]; an image's result depends on its own seed alone,
        not on its neighbours in the batch."""

    def warm_up(self, y: Tensor) -> int:
        """Run untimed, and return the multiply-accumulates that restoring y takes."""
        return count_macs(lambda: self.restore(y, [0] * len(y)))

    def rehearse(self, y: Tensor) -> None:
        """A short piece of restoring y, by which the engine chooses the number of threads."""
        self.restore(y, [0] * len(y))

    def parameters(self) -> int:
        """How many numbers the networks hold."""
        networks = (value for value in vars(self).values() if isinstance(value, nn.Module))
        return sum(p.numel() for network in networks for p in network.parameters())
