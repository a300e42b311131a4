"""Names that options give: of methods that take part, each of one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.core.errors import BenchError, UnknownName
from bench.planning.request import Request
from methods.registry import MethodFacts


def check_unique(flag: str, names: Sequence[str], hint: str = "") -> None:
    """Rows tell methods apart by their label and metrics by their column: each stands only once."""
    for name in names:
        if names.count(name) > 1:
            raise BenchError(f"{flag} names {name!r} {names.count(name)} times{hint}")


def check_names(flag: str, given: Mapping[str, object], methods: Sequence[MethodFacts]) -> None:
    """Options of a method that does not take part are mistakes."""
    names = [facts.called for facts in methods]
    for name in given:
        if name not in names:
            raise UnknownName("method", name, names, f"{flag} takes methods of this run only.")


def check_methods(request: Request, methods: Sequence[MethodFacts]) -> None:
    """Raise `BenchError` if two rows would bear one name, or if two names would be the same
    method with the same settings and weights; an option of a method without part in it too."""
    hint = "; once more with settings or weights of its own it is a variant, as pulse@long"
    check_unique("--methods", [facts.label for facts in methods], hint)
    check_names("--weights", request.weights, methods)
    check_names("--set", request.settings, methods)
    known: list[tuple[object, MethodFacts]] = []
    for facts in methods:
        file = request.weights.get(facts.called)
        settings = dict(request.settings.get(facts.called, {}))
        made = (facts.target, facts.argument, facts.folder, settings,
                Path(file).resolve() if file else None)  # fmt: skip
        for other, twin in known:
            if made == other:
                called = facts.called if facts.variant else twin.called
                raise BenchError(
                    f"--methods: {twin.called} and {facts.called} are the same method with the "
                    f"same settings and weights. Say what differs: --set {called}.NAME=VALUE or "
                    f"--weights {called}=FILE; an option of {facts.name} alone is not its variants'"
                )
        known.append((made, facts))
