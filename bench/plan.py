"""From what was asked to the cells that answer it.

Every combination of method, split, scale and seed becomes a planned cell: one that can run, or
one that cannot, with its state and reason. Nothing is dropped.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from bench.core.code_version import code_digest
from bench.core.errors import BenchError, UnknownName
from bench.core.rows import RowState
from bench.core.toml_files import explain
from bench.datasets.splits import Split
from bench.datasets.suites import Suite, load_suite
from bench.machine.device import resolve_device
from bench.metrics import availability, registry
from bench.metrics.facts import MetricFacts
from bench.metrics.scorer import Scoring
from bench.operators import Downsample
from bench.planning.cell import Cell
from bench.weights import search
from bench.weights.card import Serves
from bench.weights.search import Found, Missing
from methods import registry as method_registry
from methods.base import Method, Need, Task
from methods.registry import MethodFacts


@dataclass(frozen=True)
class Request:
    """What the command line asked for; None and empty mean the suite's own choice."""

    suite: str
    methods: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    scales: tuple[int, ...] = ()
    data: Path | None = None
    images: int | None = None
    seeds: int = 1
    weights: Mapping[str, Path] = field(default_factory=dict)  # method to file
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # method to its own
    device: str = "auto"
    precision: str = "fp32"


@dataclass(frozen=True)
class Absent:
    """Why a planned cell has nothing to run."""

    state: RowState
    reason: str


@dataclass(frozen=True)
class PlannedCell:
    """One combination, to run or with the reason why not."""

    cell: Cell
    absent: Absent | None = None


@dataclass(frozen=True)
class Plan:
    """All that a run sets out to do."""

    suite: Suite
    splits: tuple[Split, ...]
    methods: tuple[MethodFacts, ...]
    cells: tuple[PlannedCell, ...]
    metrics: tuple[Scoring, ...]
    missing_metrics: Mapping[str, str]  # column to the reason and the command that helps
    device: str  # with its number, which no result depends on: cuda:1

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
    suite = load_suite(request.suite)
    methods = tuple(method_registry.resolve(spec) for spec in request.methods or suite.methods)
    check_unique("--methods", [facts.label for facts in methods])
    check_names("--weights", request.weights, methods)
    check_names("--set", request.settings, methods)
    splits = tuple(suite.open_splits(request.splits, request.data, request.images))
    scorings, missing = ready_metrics(request.metrics or suite.metrics, splits)
    device = resolve_device(request.device)
    cells = [
        plan_cell(request, suite, facts, split, scale, seed, device, cache)
        for split in splits
        for scale in request.scales or suite.scales
        for facts in methods
        for seed in seeds_of(facts, request.seeds)
    ]
    return Plan(suite, splits, methods, tuple(cells), scorings, missing, str(device))


def plan_cell(  # noqa: PLR0913 - a cell is the product of these axes
    request: Request,
    suite: Suite,
    facts: MethodFacts,
    split: Split,
    scale: int,
    seed: int,
    device: torch.device,
    cache: Path,
) -> PlannedCell:
    """One combination."""
    operator = Downsample(scale, suite.kernel)
    method_class = None if missing_extra(facts) else method_registry.load(facts)
    settings = (
        complete_settings(facts, method_class, request, suite, split.name) if method_class else {}
    )
    files: dict[str, Found] = {}
    absent: Absent | None = None
    if method_class is None:
        absent = Absent(RowState.UNAVAILABLE, missing_extra(facts) or "")
    elif any(side % scale for side in split.size):
        height, width = split.size
        absent = Absent(
            RowState.NOT_APPLICABLE, f"{width}x{height} pixels cannot be divided by {scale}"
        )
    else:
        task = Task(split.name, split.size, scale, operator, device, cache)
        method = method_class(task, method_class.Settings(**settings))
        if reason := method.skip():
            absent = Absent(RowState.NOT_APPLICABLE, reason)
        else:
            files, absent = find_files(method, facts, request, suite, split)
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
        code=code_digest(facts.target),
        torch=torch.__version__,
    )
    return PlannedCell(cell, absent)


def find_files(
    method: Method, facts: MethodFacts, request: Request, suite: Suite, split: Split
) -> tuple[dict[str, Found], Absent | None]:
    """The files a method needs, by role, or why one is not to be had.

    A file that the user names serves the first need, and with it those that share a file, unless
    its card tells that it is of another kind.
    """
    files: dict[str, Found] = {}
    given = request.weights.get(facts.name)
    named = search.identify(given) if given else None
    needs = method.needs()
    for need in needs:
        if named and (need is needs[0] or serves_too(named, need, needs[0])):
            files[need.role] = named
            continue
        found = search.find(
            need.kinds,
            split=split.name,
            scale=need.scale,
            size=split.size[0],
            domain=split.domain,
        )
        if isinstance(found, Found):
            files[need.role] = found
        elif not need.optional:
            return {}, absence(found, need, suite, split)
    return files, None


def serves_too(named: Found, need: Need, first: Need) -> bool:
    """Whether a file named for the first need serves another one as well."""
    known = named.card is None or named.card.kind in need.kinds
    return known and need.shares_file_with(first)


def absence(missing: Missing, need: Need, suite: Suite, split: Split) -> Absent:
    """That a file is missing; or, of a suite whose weights ship, that none is meant to be there."""
    side = split.size[0]
    others = search.served(need.kinds, size=side, domain=split.domain)
    fits = any(serves.fits(split.name, need.scale, side, split.domain) for serves in others)
    if not suite.weights_ship or not others or fits:
        return Absent(RowState.UNAVAILABLE, advice(missing))
    kinds, wanted = " or ".join(need.kinds), tasks([Serves(split=split.name, scale=need.scale)])
    reason = f"{kinds} weights of suite {suite.name} serve {tasks(others)}, not {wanted}"
    command = f"; {missing.command} makes others" if missing.command else ""
    return Absent(RowState.NOT_APPLICABLE, reason + command)


def tasks(served: Sequence[Serves]) -> str:
    """Such as `car, face at 16x and face at 8x`."""
    scales = sorted({serves.scale or 0 for serves in served}, reverse=True)
    names = {n: {s.split or "any split" for s in served if (s.scale or 0) == n} for n in scales}
    told = (", ".join(sorted(names[n])) + (f" at {n}x" if n else "") for n in scales)
    return " and ".join(told)


def complete_settings(
    facts: MethodFacts,
    method_class: type[Method],
    request: Request,
    suite: Suite,
    split: str,
) -> dict[str, Any]:
    """Defaults, overridden by the suite, overridden by `--set`."""
    chosen = {**suite.settings_of(facts.name, split), **request.settings.get(facts.name, {})}
    if facts.argument:
        chosen = {"file": facts.argument, **chosen}
    try:
        return method_class.Settings(**chosen).model_dump(mode="json")
    except ValidationError as error:
        known = method_class.Settings.model_fields
        raise BenchError(explain(error, f"settings of {facts.name}", known)) from None


def ready_metrics(
    specs: Sequence[str], splits: Sequence[Split]
) -> tuple[tuple[Scoring, ...], dict[str, str]]:
    """The metrics that can be computed here, and why the others cannot."""
    chosen = list(dict.fromkeys(registry.resolve(spec) for spec in specs))
    check_unique("--metrics", [facts.column for facts in chosen])
    scorings, missing = [], {}
    for facts in chosen:
        domains = [split.domain for split in splits if facts.applies_to(split.name)]
        if not domains:
            continue
        if refusal := facts.refusal(domains):
            missing[facts.column] = refusal
            continue
        ready = scoring_of(facts)
        if isinstance(ready, Missing):
            missing[facts.column] = advice(ready)
        else:
            scorings.append(ready)
    return tuple(scorings), missing


def scoring_of(facts: MetricFacts) -> Scoring | Missing:
    """The metric with its files, or what it lacks here."""
    if lacking := availability.missing(facts):
        return lacking
    found = availability.files(facts)
    whole = availability.identified(facts, found)
    identity = [whole.protocol, code_digest(facts.target), *(f.sha256 for f in found.values())]
    paths = {kind: file.path for kind, file in found.items()}
    return Scoring(whole, paths, "|".join(identity))


def advice(missing: Missing) -> str:
    """The reason, and the command that helps."""
    return f"{missing.reason}; {missing.command}" if missing.command else missing.reason


def missing_extra(facts: MethodFacts) -> str | None:
    """What to install before the method can be imported, or None."""
    lacking = [name for name in facts.modules if importlib.util.find_spec(name) is None]
    return f"needs {', '.join(lacking)}; `{facts.install}`" if lacking else None


def seeds_of(facts: MethodFacts, count: int) -> Iterator[int]:
    """Seeds 0 to count - 1; a method that draws nothing at random needs only one."""
    stochastic = count > 1 and not missing_extra(facts) and method_registry.load(facts).stochastic
    yield from range(count if stochastic else 1)


def check_unique(flag: str, names: Sequence[str]) -> None:
    """Rows tell methods apart by their label and metrics by their column: each stands only once."""
    for name in names:
        if names.count(name) > 1:
            raise BenchError(f"{flag} names {name!r} {names.count(name)} times")


def check_names(flag: str, given: Mapping[str, object], methods: Sequence[MethodFacts]) -> None:
    """Options of a method that does not take part are mistakes."""
    names = [facts.name for facts in methods]
    for name in given:
        if name not in names:
            raise UnknownName("method", name, names, f"{flag} takes methods of this run only.")
