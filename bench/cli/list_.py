"""`python -m bench list`."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer


class What(StrEnum):
    """What can be listed."""

    METHODS = "methods"
    METRICS = "metrics"
    SUITES = "suites"
    KERNELS = "kernels"
    WEIGHTS = "weights"


def list_names(
    what: Annotated[What | None, typer.Argument(help="One of them; all without.")] = None,
) -> None:
    """List methods, metrics, suites, kernels and weights, and what is missing here."""
    from tabulate import tabulate

    from bench.weights.shelves import check_named_folders

    check_named_folders()
    tables: dict[What, Callable[[], list[list[str]]]] = {
        What.METHODS: method_rows,
        What.METRICS: metric_rows,
        What.SUITES: suite_rows,
        What.KERNELS: kernel_rows,
        What.WEIGHTS: weight_rows,
    }
    for name in [what] if what else list(What):
        typer.echo(f"{name.value}\n{tabulate(tables[name](), tablefmt='plain')}\n")


def method_rows() -> list[list[str]]:
    from methods.registry import known

    return [["  " + facts.name, facts.title, facts.family] for facts in known().values()]


def metric_rows() -> list[list[str]]:
    from bench.metrics.availability import missing
    from bench.metrics.registry import METRICS, third_parties

    rows = []
    for facts in METRICS.values():
        lacking = missing(facts)
        state = f"unavailable: {lacking.reason}; {lacking.command}" if lacking else "available"
        rows.append(["  " + facts.column, facts.title, f"{facts.better.value} is better", state])
    # The facts of these stand on their classes, and importing those could import torch.
    rows += [
        ["  " + plugin.name, f"{plugin.name} (from {plugin.origin})", "third party",
         f"`python -m bench check {plugin.name}` tries it"]
        for plugin in third_parties().values()
    ]  # fmt: skip
    return rows


def suite_rows() -> list[list[str]]:
    from bench.datasets.suites import known_suites, load_suite

    suites = [load_suite(name) for name in known_suites()]
    return [["  " + suite.name, suite.title, ", ".join(suite.splits)] for suite in suites]


def kernel_rows() -> list[list[str]]:
    from bench.datasets.kernels import KERNEL_FACTS

    return [["  " + name, what] for name, what in KERNEL_FACTS.items()]


def weight_rows() -> list[list[str]]:
    from bench.weights.shelves import cards, places_of

    return [
        ["  " + card.name, card.kind, ", ".join(map(str, card.serves)),
         str(next(iter(places_of(card)), "not on this machine"))]
        for card in cards().values()
    ]  # fmt: skip
