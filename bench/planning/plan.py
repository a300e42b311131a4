"""From what was asked to the cells that answer it.

Every combination of method, split, scale and seed becomes a planned cell: one that can run, or
one that cannot, with its state and reason. Nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from bench.core.code_version import version_of
from bench.core.errors import BenchError, describe
from bench.core.rows import RowState
from bench.core.toml_files import explain
from bench.datasets.splits import Split
from bench.datasets.suites import Suite, load_suite
from bench.machine.device import resolve_device
from bench.machine.threads import threads_for
from bench.metrics import registry
from bench.metrics.facts import smallness
from bench.metrics.scorer import Scoring, scoring_of
from bench.operators import Downsample
from bench.planning.asking import Asked, ask
from bench.planning.cell import Cell
from bench.planning.elsewhere import cell_elsewhere, check_folders
from bench.planning.files import Absent, find_files, look_into, undivided
from bench.planning.names import check_methods, check_unique
from bench.planning.references import find_references
from bench.planning.request import Request
from bench.planning.said import Said, said_of
from bench.planning.setting_files import files_in
from bench.weights.search import Found, Missing, advice
from bench.weights.shelves import check_named_folders
from methods import registry as method_registry
from methods.base import Method, References, Task
from methods.checkpoints.reading import Reading
from methods.registry import MethodFacts, missing_extra


@dataclass(frozen=True)
class PlannedCell:
    """One combination, to run or with the reason why not."""

    cell: Cell
    absent: Absent | None = None
    notes: tuple[str, ...] = ()  # what is to be known before it runs


@dataclass(frozen=True)
class Plan:
    """All that a run sets out to do."""

    request: Request
    suite: Suite
    splits: tuple[Split, ...]
    methods: tuple[MethodFacts, ...]
    said: Mapping[str, Said]  # of each method by its label
    cells: tuple[PlannedCell, ...]
    metrics: tuple[Scoring, ...]
    missing_metrics: Mapping[str, str]  # column to the reason and the command that helps
    device: str  # with its number, which no result depends on: cuda:1
    threads: int  # of each worker
    batch: int | None  # pictures restored at once; None: as many as pay and memory has room for
    timed: int  # the first pictures of a cell, which are restored one by one

    @property
    def notes(self) -> list[str]:
        """What lies in folders of pictures and is not read, what to know of files of weights that
        are not read whole, or as they stand, and of pictures restored elsewhere."""
        aside = [f"{split.name}: not read: {what}" for split in self.splits for what in split.aside]
        told = {
            f"{cell.method.label}: {cell.weights_path(role).name}: {reading.note}": None
            for cell in (planned.cell for planned in self.cells if planned.absent is None)
            for role, reading in cell.readings.items()
            if reading.note
        }
        taken = {
            f"{planned.cell.method.label}: {planned.cell.references.note}": None
            for planned in self.cells
            if planned.absent is None and planned.cell.references and planned.cell.references.note
        }
        elsewhere = [f"{p.cell.title}: {note}" for p in self.cells for note in p.notes]
        return [*aside, *told, *taken, *elsewhere]

    def scorings(self, cell: Cell) -> tuple[Scoring, ...]:
        """The metrics that mean something on the cell's split."""
        split = cell.split
        return tuple(
            s
            for s in self.metrics
            if s.facts.applies_to(split.name) and not s.facts.refusal([split.domain])
        )


def make_plan(request: Request, cache: Path) -> Plan:
    """The plan of a request. Raises `BenchError` on anything unknown or contradictory."""
    check_named_folders()
    suite = load_suite(request.suite)
    methods = tuple(method_registry.resolve(spec) for spec in request.methods or suite.methods)
    check_methods(request, methods)
    methods = tuple(f if missing_extra(f) else method_registry.stated(f) for f in methods)
    check_unique("--splits", request.splits)
    check_unique("--scale", [str(scale) for scale in request.scales])
    splits = tuple(suite.open_splits(request.splits, request.data, request.images))
    scorings, missing = ready_metrics(request.metrics or suite.metrics, splits)
    device = resolve_device(request.device)
    check_unique("--kernel", request.kernels)
    operators = [
        Downsample(scale, kernel)
        for scale in request.scales or suite.scales
        for kernel in request.kernels or (suite.kernel,)
    ]
    cells = [
        PlannedCell(*cell_elsewhere(request, suite, facts, split, operator, device))
        if facts.folder
        else plan_cell(request, suite, facts, split, operator, seed, device, cache)
        for split in splits
        for operator in operators
        for facts in methods
        for seed in seeds_of(facts, request.seeds)
    ]
    check_folders((planned.cell, planned.absent) for planned in cells)
    return Plan(
        request=request,
        suite=suite,
        splits=splits,
        methods=methods,
        said={facts.label: said_of(facts, request) for facts in methods},
        cells=tuple(cells),
        metrics=scorings,
        missing_metrics=missing,
        device=str(device),
        threads=threads_for(request.workers),
        batch=request.batch,
        timed=request.timed,
    )


def plan_cell(  # noqa: PLR0913 - a cell is the product of these axes
    request: Request,
    suite: Suite,
    facts: MethodFacts,
    split: Split,
    operator: Downsample,
    seed: int,
    device: torch.device,
    cache: Path,
    *,
    is_stored: bool = True,
) -> PlannedCell:
    """One combination. Of one that no store will hold, the version of its code is left open."""
    scale = operator.factor
    method_class = None if missing_extra(facts) else method_registry.load(facts)
    settings, setting_files = (
        complete_settings(facts, method_class, request, suite, split.name)
        if method_class
        else ({}, {})
    )
    files: dict[str, Found] = {}
    readings: Mapping[str, Reading] = {}
    references: References | None = None
    absent: Absent | None = None
    if method_class is None:
        absent = Absent(RowState.UNAVAILABLE, missing_extra(facts) or "")
    elif indivisible := undivided(split, scale):
        absent = indivisible
    else:
        task = Task(split.name, split.size, scale, operator, device, cache)
        asked = ask(lambda: method_class(task, method_class.Settings(**settings)))
        if isinstance(asked, Asked):
            files, absent = find_files(asked.needs, facts, request, suite, split)
            if absent is None:
                readings, absent = look_into(asked.method, facts, request, files)
            if absent is None:
                references, absent = find_references(method_class.takes, split, operator)
        else:
            absent = asked
    cell = Cell(
        method=facts,
        settings=settings,
        split=split,
        scale=scale,
        operator=operator,
        seed=seed,
        files=files,
        device=device.type,
        precision=request.precision,
        compiled=request.compiled,
        code=version_of(facts.target, facts.modules) if is_stored else "",
        torch=torch.__version__,
        readings=readings,
        setting_files=setting_files,
        threads=threads_for(request.workers) if follows_threads(method_class, device) else None,
        references=references,
    )
    return PlannedCell(cell, absent)


def follows_threads(method_class: type[Method] | None, device: torch.device) -> bool:
    """Whether the number of threads may change what the method restores: that of a search, whose
    steps enlarge the rounding of sums. (PULSE on a face of 128x128, after 30 steps with two threads
    instead of one: 320 of 49,152 values differ, by one level.)"""
    return device.type == "cpu" and method_class is not None and method_class.stochastic


def complete_settings(
    facts: MethodFacts,
    method_class: type[Method],
    request: Request,
    suite: Suite,
    split: str,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Defaults, overridden by the suite, overridden by `--set`; and the hashes of the files that
    they name. Raises `BenchError` where they will not do."""
    chosen = {**suite.settings_of(facts.name, split), **request.settings.get(facts.called, {})}
    if facts.argument:
        chosen = {"file": facts.argument, **chosen}
    try:
        settings = method_class.Settings(**chosen)
        return settings.model_dump(mode="json"), files_in(settings.model_dump())
    except ValidationError as error:
        known = method_class.Settings.model_fields
        raise BenchError(explain(error, f"settings of {facts.called}", known)) from None
    except (BenchError, KeyboardInterrupt):
        raise
    except BaseException as error:  # of a stranger's class
        raise BenchError(f"settings of {facts.called} cannot be made: {describe(error)}") from error


def ready_metrics(
    specs: Sequence[str], splits: Sequence[Split]
) -> tuple[tuple[Scoring, ...], dict[str, str]]:
    """The metrics that can be computed here, and why the others cannot."""
    chosen = list(dict.fromkeys(registry.resolve(spec) for spec in specs))
    check_unique("--metrics", [facts.column for facts in chosen])
    scorings, missing = [], {}
    for facts in chosen:
        meant = [split for split in splits if facts.applies_to(split.name)]
        if not meant:
            continue
        sizes = [split.size for split in meant if not facts.refusal([split.domain])]
        refusal = facts.refusal(split.domain for split in meant)
        if refusal := refusal or smallness(facts.smallest, sizes):
            missing[facts.column] = refusal
            continue
        ready = scoring_of(facts)
        if isinstance(ready, Missing):
            missing[facts.column] = advice(ready)
        else:
            scorings.append(ready)
    return tuple(scorings), missing


def seeds_of(facts: MethodFacts, count: int) -> Iterator[int]:
    """Seeds 0 to count - 1; a method that draws nothing at random needs only one."""
    has_class = count > 1 and not facts.folder and not missing_extra(facts)
    stochastic = has_class and method_registry.load(facts).stochastic
    yield from range(count if stochastic else 1)
