"""What `python -m bench info METHOD` says: its facts, its weights and its hyper-parameters."""

from __future__ import annotations

from collections.abc import Iterator

from tabulate import tabulate

from bench.analysis.published import shares_told
from bench.core.errors import BenchError
from bench.core.plugins import file_class
from bench.weights.shelves import cards
from bench.weights.trained_on import trained_on_told
from methods.registry import MethodFacts, missing_extra, settings_class, stated
from methods.settings.documented import ABSENT, documented

PAPER_NOTE = (
    "The paper's value is that of the paper or of its authors' code; "
    f"{ABSENT} stands where they have none."
)
WIDTHS = {"what it is": 44, "licence": 34, "trained on": 34, "type": 26}


def about_method(facts: MethodFacts) -> tuple[dict[str, str], list[str]]:
    """Its facts by name, and tables. The class of a third party's method, on which its facts and
    settings stand, is imported now; an installed one that cannot be says why.

    Raises `BenchError` for a file of the user's that cannot be imported.
    """
    try:
        facts = facts if missing_extra(facts) else stated(facts)
        return method_facts(facts), list(method_tables(facts))
    except BenchError as error:
        if file_class(facts.target):
            raise
        return method_facts(facts) | {"not here": str(error)}, []


def method_facts(facts: MethodFacts) -> dict[str, str]:
    """Its facts in one line each."""
    told = {
        "name": facts.called,
        "title": facts.title,
        "family": facts.family,
        "paper": facts.paper,
        "takes weights of": ", ".join(facts.weights),
        "class": facts.target,
        "not here": missing_extra(facts) or "",
        "published": "\n".join(shares_told(facts.name)),
    }
    return {name: text for name, text in told.items() if text}


def method_tables(facts: MethodFacts) -> Iterator[str]:
    """Its hyper-parameters and its files of weights, as tables under their titles."""
    yield from settings_parts(facts)
    files = [
        [card.name, card.sha256[:12] if card.sha256 else "not published",
         card.licence, trained_on_told(card)]
        for card in cards().values()
        if card.kind in facts.weights
    ]  # fmt: skip
    if files:
        yield f"Weights\n{table(files, ['name', 'sha256', 'licence', 'trained on'])}"


def settings_parts(facts: MethodFacts) -> Iterator[str]:
    """The hyper-parameters; the paper's values where there is a paper."""
    settings = documented(settings_class(facts)) if not missing_extra(facts) else []
    if not settings:
        yield "Settings: none"
        return
    lines = [[s.name, s.kind, s.default, s.paper, s.says] for s in settings]
    headers = ["name", "type", "default", "paper's value", "what it is"]
    if not facts.paper:
        lines, headers = [[*line[:3], line[4]] for line in lines], [*headers[:3], headers[4]]
    yield f"Settings, for --set {facts.called}.NAME=VALUE\n{table(lines, headers)}"
    if facts.paper:
        yield PAPER_NOTE


def table(lines: list[list[str]], headers: list[str]) -> str:
    """The lines under their headers, long texts wrapped."""
    widths = [WIDTHS.get(header) for header in headers]
    return tabulate(lines, headers, "simple", maxcolwidths=widths, disable_numparse=True)
