"""The files of weights that a planned cell takes, or why one is not to be had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.core.rows import RowState
from bench.datasets.splits import Split
from bench.datasets.suites import Suite
from bench.planning.request import Request
from bench.weights import search
from bench.weights.card import Serves
from bench.weights.search import Found, Missing, advice
from methods.base import Need
from methods.registry import MethodFacts


@dataclass(frozen=True)
class Absent:
    """Why a planned cell has nothing to run."""

    state: RowState
    reason: str


def find_files(
    needs: Sequence[Need], facts: MethodFacts, request: Request, suite: Suite, split: Split
) -> tuple[dict[str, Found], Absent | None]:
    """The files that a method needs, by role, or why one is not to be had."""
    files: dict[str, Found] = {}
    given = request.weights.get(facts.name)
    for need in needs:
        if given is not None:
            files[need.role], given = search.identify(given), None
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
