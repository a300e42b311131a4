"""What commands say of their methods, so that a name means one thing in a results folder.

What a command leaves to the suite, to the code and to the folders of weights may change with them:
rows are then measured anew, and those of before are named and not shown. What a user says of a
method does not change unnoticed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.errors import BenchError
from bench.planning.request import Request
from bench.results.selection import select
from bench.results.store import Store
from bench.weights.search import sha256_of
from methods.registry import MethodFacts

if TYPE_CHECKING:
    from bench.planning.plan import Plan

Identity = Mapping[str, Any]  # of a cell


@dataclass(frozen=True)
class Said:
    """What a command says of a method itself."""

    settings: Sequence[str] = ()  # the names of those that it sets
    weights: str = ""  # the file that it names
    sha256: str = ""  # of that file


def said_of(facts: MethodFacts, request: Request) -> Said:
    """What the request says of the method."""
    settings = sorted(request.settings.get(facts.called, {}))
    file = request.weights.get(facts.called)
    return Said(settings, str(file.resolve()), sha256_of(file)) if file else Said(settings)


def check_same_meaning(plan: Plan, store: Store) -> None:
    """Raise `BenchError` if a name of the plan stands for other settings or another file of weights
    in the folder, by what either command says of it."""
    plans = store.plans()
    measured = [found for found in select(plans) if found.identity and store.last(found.key)]
    for facts in plan.methods:
        before = [found.identity for found in measured if found.cell.method == facts.label]
        then = last_said(facts.label, plans)
        now = [p.cell.identity for p in plan.cells if p.cell.method == facts]
        said = plan.said[facts.label]
        told = [
            *changed_settings({*said.settings, *then.settings}, before, now),
            *changed_weights(then, said, before, now),
        ]
        if before and told:
            variant = replace(facts, variant="NAME")
            raise BenchError(
                f"{facts.label} stands in {store.root.parent} with {'; '.join(told)}: in one "
                f"folder a name means one thing. Ask for a variant, --methods {variant.spec} with "
                f"--set {variant.called}.SETTING=VALUE or --weights {variant.called}=FILE, or for "
                f"another folder with --out; --fresh measures {facts.label} anew in its place"
            )


def last_said(label: str, plans: Sequence[Mapping[str, Any]]) -> Said:
    """What the last command that named the method said of it; nothing if that is not on record."""
    found = (plan["said"][label] for plan in reversed(plans) if label in plan.get("said", {}))
    return Said(**next(found, {}))


def changed_settings(
    names: set[str], before: Sequence[Identity], now: Sequence[Identity]
) -> Iterator[str]:
    """Such as `steps 150, not 600`, of the named settings."""
    for name in sorted(names):
        then, here = (values(name, identities) for identities in (before, now))
        if then != here and then and here:
            yield f"{name} {' and '.join(then)}, not {' and '.join(here)}"


def values(name: str, identities: Sequence[Identity]) -> list[str]:
    """What the setting is in some cells, each value once."""
    found = (identity["settings"] for identity in identities)
    return sorted({json.dumps(settings[name]) for settings in found if name in settings})


def changed_weights(
    then: Said, said: Said, before: Sequence[Identity], now: Sequence[Identity]
) -> Iterator[str]:
    """The files, if the user named either and they differ; one changed in its place is the same."""
    if then.weights == said.weights:
        return
    used = [set(identity["weights"].values()) for identity in before if identity["weights"]]
    meant = [set(identity["weights"].values()) for identity in now if identity["weights"]]
    is_new = said.sha256 and not all(said.sha256 in digests for digests in used)
    if is_new or (then.sha256 and not all(then.sha256 in digests for digests in meant)):
        yield f"{shown(then)}, not {shown(said)}"


def shown(said: Said) -> str:
    """The file in words."""
    if not said.weights:
        return "weights that were found"
    return f"the weights {Path(said.weights).name} ({said.sha256[:12]})"
