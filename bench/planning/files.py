"""The files of weights that a planned cell takes, or why one is not to be had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.core.errors import BenchError, describe
from bench.core.rows import RowState
from bench.datasets.splits import Split
from bench.datasets.suites import Suite
from bench.planning.request import Request
from bench.weights import search
from bench.weights.card import Serves
from bench.weights.search import Found, Missing, advice
from methods.base import Method, Need, Unfit
from methods.checkpoints.reading import Reading
from methods.registry import MethodFacts


@dataclass(frozen=True)
class Absent:
    """Why a planned cell has nothing to run."""

    state: RowState
    reason: str


def undivided(split: Split, scale: int) -> Absent | None:
    """That the split's pictures have no whole number of input pixels, if so."""
    height, width = split.size
    if height % scale == width % scale == 0:
        return None
    return Absent(RowState.NOT_APPLICABLE, f"{width}x{height} pixels cannot be divided by {scale}")


def find_files(
    needs: Sequence[Need], facts: MethodFacts, request: Request, suite: Suite, split: Split
) -> tuple[dict[str, Found], Absent | None]:
    """The files that a method needs, by role, or why one is not to be had.

    A file that the user names serves the first need, and with it those that share a file, unless
    its card tells that it is of another kind.
    """
    files: dict[str, Found] = {}
    given = request.weights.get(facts.called)
    named = search.identify(given) if given else None
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


def look_into(
    method: Method, facts: MethodFacts, request: Request, files: Mapping[str, Found]
) -> tuple[Mapping[str, Reading], Absent | None]:
    """Which part of each file will be read, or why a file will not do.

    A sound file that serves another task costs the cells that it does not serve. Raises
    `BenchError` for a file that the user named and that is none of the method's: it is a mistake.
    """
    try:
        return method.inspect({role: found.path for role, found in files.items()}), None
    except Unfit as error:
        return {}, Absent(RowState.NOT_APPLICABLE, str(error))
    except BenchError as error:
        if facts.argument or facts.called in request.weights:
            raise
        return {}, Absent(RowState.UNAVAILABLE, str(error))
    # A method of a stranger's may raise anything.
    except Exception as error:
        return {}, Absent(RowState.UNAVAILABLE, f"its `inspect` raised {describe(error)}")
