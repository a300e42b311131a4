"""`python -m bench info`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli import completing
from bench.cli.completing import completes

if TYPE_CHECKING:
    from methods.registry import MethodFacts


def info(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A method, metric, suite, file of weights or results folder; without one this "
            "machine.",
            autocompletion=completes(completing.everything),
        ),
    ] = None,
) -> None:
    """Say all that is known of one thing by its name, or of this installation.

    Example: python -m bench info glean
    """
    method = method_called(name) if name else None
    if method:
        from bench.cli.info_method import about_method

        facts, tables = about_method(method)
        typer.echo("\n\n".join([told(facts), *tables]))
    elif name and Path(name).is_dir():
        from bench.cli.info_results import results_parts

        typer.echo("\n\n".join(results_parts(Path(name))))
    else:
        # A folder and what is to be said of it stay on one line.
        typer.echo(told(about(name)) if name else told(about_machine(), width=None))


def told(facts: Mapping[str, Any], width: int | None = 88) -> str:
    """The facts, one a line; long ones go on below, but no path is broken."""
    from tabulate import tabulate

    lines = [(key, worded(value)) for key, value in facts.items()]
    return tabulate(
        lines, tablefmt="plain", maxcolwidths=[None, width], disable_numparse=True,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def method_called(name: str) -> MethodFacts | None:
    """The method of that name, as it is known without its class; None of other things."""
    from bench.core.plugins import file_class
    from methods.registry import known, resolve
    from methods.variants import variant_of

    plain, _ = variant_of(name)
    if plain not in known() and not file_class(plain):
        return None
    return known().get(name) or resolve(name)


def worded(value: Any) -> str:
    """A value as a person writes it: lists with commas, tables line by line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        tables = any(isinstance(inner, Mapping) for inner in value.values())
        between, after = ("\n", ": ") if tables else (", ", " ")
        return between.join(f"{key}{after}{worded(inner)}" for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(worded, value))
    return str(value)


def about(name: str) -> dict[str, Any]:
    """The facts of whatever bears the name."""
    from bench.core.errors import UnknownName
    from bench.datasets.suites import known_suites, load_suite
    from bench.metrics.availability import missing
    from bench.metrics.registry import METRICS, third_parties
    from bench.weights.shelves import cards, places_of
    from methods.registry import known

    methods, weights = known(), cards()
    if name in METRICS:
        metric = METRICS[name]
        lacking = missing(metric)
        state = f"unavailable: {lacking.reason}; {lacking.command}" if lacking else "available"
        return {key: value for key, value in vars(metric).items() if value} | {"here": state}
    if plugin := third_parties().get(name):
        return {**vars(plugin), "try it": f"python -m bench check {name}"}
    if name in known_suites():
        return load_suite(name).model_dump(mode="json", exclude_defaults=True)
    if name in weights:
        card = weights[name]
        place = next(iter(places_of(card)), "not on this machine")
        known_of_it = card.model_dump(mode="json", exclude_defaults=True)
        serves = {"serves": ", ".join(map(str, card.serves))} if "serves" in known_of_it else {}
        return known_of_it | serves | {"here": place}
    everything = [*methods, *METRICS, *third_parties(), *known_suites(), *weights]
    raise UnknownName("name", name, everything, "`python -m bench list` names them all.")


def about_machine() -> dict[str, Any]:
    """Versions and folders, all without importing torch."""
    import importlib.metadata
    import os
    import platform

    import bench
    from bench.core.paths import cache_dir, data_dir
    from bench.weights.shelves import search_path

    packages = ("torch", "torchvision", "lpips", "insightface", "onnxruntime", "numpy", "pandas")
    installed = {p: importlib.metadata.version(p) for p in packages if is_installed(p)}
    return {
        "bench": bench.__version__,
        "python": platform.python_version(),
        **installed,
        "cores": os.cpu_count(),
        "data": data_dir("datasets"),
        "cache": cache_dir(),
        "weights": "\n".join(
            f"{folder}{'' if folder.is_dir() else ': no such folder'}" for folder in search_path()
        ),
    }


def is_installed(package: str) -> bool:
    """Whether the distribution is there."""
    import importlib.metadata

    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
