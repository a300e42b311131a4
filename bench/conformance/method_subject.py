"""A method on a task that it can do here: on its toy, or on files of the user's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel
from torch import Tensor

from bench.conformance.pictures import truths
from bench.conformance.verdict import Breach, Unavailable
from bench.execution.returned import BadOutput, restoration_of
from bench.operators import Downsample
from bench.pictures.files import write_png
from bench.pictures.tensors import to_pixels
from bench.weights import search
from bench.weights.search import Missing, advice
from methods.base import Method, Need, References, Restoration, Task
from methods.registry import MethodFacts, load, missing_extra

SEEDS = (11, 12, 13)
# Height, width and factor of tasks that some methods do not take; all can be divided.
ODD_TASKS = ((48, 48, 4), (32, 64, 4), (64, 64, 8), (64, 64, 2), (16, 16, 16), (96, 96, 3))
SPLIT = "face"


@dataclass(frozen=True)
class Trial:
    """What a user gives for a method: a file of weights and the task it serves, settings."""

    weights: Path | None = None  # for the first of the method's needs
    settings: Mapping[str, Any] = field(default_factory=dict)
    size: int = 128
    scale: int = 16


@dataclass(frozen=True)
class MethodSubject:
    """A method's class, with what an instance is made of."""

    facts: MethodFacts
    method_class: type[Method]
    files: Mapping[str, Path]  # by role
    settings: Mapping[str, Any]
    size: int
    scale: int
    folder: Path  # to write into
    is_toy: bool = False  # its weights are random
    absence: str = ""  # why an instance cannot be set up here

    def task(self, height: int | None = None, width: int | None = None, scale: int = 0) -> Task:
        """The task on the CPU, or one like it of another size or scale."""
        factor = scale or self.scale
        return Task(
            split=SPLIT,
            size=(height or self.size, width or height or self.size),
            scale=factor,
            operator=Downsample(factor),
            device=torch.device("cpu"),
            cache=self.folder / "cache",
            references=self.references(height or self.size, width or height or self.size),
        )

    def references(self, height: int, width: int) -> References | None:
        """Pictures to take detail from, of a method that takes such: those of the trial upside
        down. An oracle is told the same one for every y."""
        if self.method_class.takes is None:
            return None
        paths = []
        for number, picture in enumerate(torch.split(truths(height, width).flip(-2), 1)):
            paths.append(self.folder / f"reference-{width}x{height}-{number}.png")
            if not paths[-1].exists():
                write_png(paths[-1], to_pixels(picture))
        if self.method_class.takes == "pool":
            return References("of the trial", pool=tuple(paths))
        return References("of the trial", views=defaultdict(lambda: paths[0]))

    def made_settings(self) -> BaseModel:
        """The settings of the task."""
        return self.method_class.Settings(**self.settings)

    def made(self, task: Task | None = None) -> Method:
        """An instance that is not set up."""
        return self.method_class(task or self.task(), self.made_settings())

    def set_up(self) -> Method:
        """An instance set up anew. Raises `Unavailable` if files or a task for it are not here, and
        whatever its `setup` raises."""
        if self.absence:
            raise Unavailable(self.absence)
        method = self.made()
        if reason := method.skip():
            raise Unavailable(
                f"it skips {self.size}x{self.size} pixels at {self.scale}x ({reason}): give its "
                f"`toy` a task that it takes, or pass --size and --scale"
            )
        method.inspect(self.files)
        method.setup(self.files)
        return method

    def fresh(self) -> Method:
        """The same for checks to which an instance is a means: one that is not to be had fails
        the check `it_can_be_set_up` alone."""
        if self.cannot_be_set_up:
            raise Unavailable("without an instance nothing more can be checked")
        return self.set_up()

    @cached_property
    def cannot_be_set_up(self) -> bool:
        """Whether `setup` raises for the very files of the trial."""
        try:
            self.set_up()
        except Unavailable:
            return False
        except KeyboardInterrupt:
            raise
        except BaseException:
            return True
        return False

    @cached_property
    def truths(self) -> Tensor:
        """Three different pictures (3, 3, H, W)."""
        return truths(self.size, self.size)

    @cached_property
    def y(self) -> Tensor:
        """What the operator makes of them."""
        return self.task().operator.observe(self.truths)

    @cached_property
    def method(self) -> Method:
        """The instance that checks share."""
        return self.fresh()

    @cached_property
    def restored(self) -> Restoration:
        """The three pictures restored together."""
        return self.restore(self.y, SEEDS)

    def restore(self, y: Tensor, seeds: Sequence[int]) -> Restoration:
        """By the shared instance, which gets a copy."""
        return restored_by(self.method, y, seeds)


def restored_by(method: Method, y: Tensor, seeds: Sequence[int]) -> Restoration:
    """What the method makes of a copy of y. Raises `Breach` where that is no `Restoration`."""
    try:
        return restoration_of(method.restore(y.clone(), list(seeds)))
    except BadOutput as error:
        raise Breach(str(error)) from None


def open_method(facts: MethodFacts, folder: Path, trial: Trial | None = None) -> MethodSubject:
    """The method on its toy; on the user's trial or on files found here, where it has none.

    Raises `Unavailable` if packages are missing, and whatever the method's class raises.
    """
    if lacking := missing_extra(facts):
        raise Unavailable(lacking)
    method_class = load(facts)
    trial = trial or Trial()
    of_ones_own = trial.weights is not None or bool(facts.argument)
    toy = None if of_ones_own else method_class.toy(folder)
    if toy is not None:
        settings = {**toy.settings, **trial.settings}
        return MethodSubject(
            facts, method_class, toy.files, settings, toy.size, toy.scale, folder, is_toy=True
        )
    settings = {"file": facts.argument} if facts.argument else {}
    subject = MethodSubject(
        facts, method_class, {}, settings | dict(trial.settings), trial.size, trial.scale, folder
    )
    method = subject.made()
    files, absence = ({}, "") if method.skip() else found_files(method.needs(), trial)
    return replace(subject, files=files, absence=absence)


def open_in(facts: MethodFacts, trial: Trial, folder: Path) -> MethodSubject:
    """`open_method`, its folder last."""
    return open_method(facts, folder, trial)


def found_files(needs: Sequence[Need], trial: Trial) -> tuple[dict[str, Path], str]:
    """The files that a method needs, by role, and why one of them is not to be had."""
    files: dict[str, Path] = {}
    for need in needs:
        if trial.weights is not None and need.shares_file_with(needs[0]):
            files[need.role] = trial.weights
            continue
        found = search.find(need.kinds, split=SPLIT, scale=need.scale, size=trial.size)
        if not isinstance(found, Missing):
            files[need.role] = found.path
        elif not need.optional:
            return {}, advice(found)
    return files, ""
