"""`python -m bench info`."""

from __future__ import annotations

from typing import Annotated, Any

import typer


def info(
    name: Annotated[
        str | None,
        typer.Argument(help="A method, metric, suite or file of weights; this machine without."),
    ] = None,
) -> None:
    """Say all that is known of one thing by its name, or of this installation.

    Example: python -m bench info glean
    """
    from tabulate import tabulate

    facts = about(name) if name else about_machine()
    typer.echo(tabulate(list(facts.items()), tablefmt="plain", maxcolwidths=[None, 88]))


def about(name: str) -> dict[str, Any]:
    """The facts of whatever bears the name."""
    from bench.core.errors import UnknownName
    from bench.datasets.suites import known_suites, load_suite
    from bench.metrics.availability import missing
    from bench.metrics.registry import METRICS, third_parties
    from bench.weights.shelves import cards, places_of
    from methods.registry import known

    methods, weights = known(), cards()
    if name in methods:
        facts = {key: value for key, value in vars(methods[name]).items() if value}
        files = [card.name for card in weights.values() if card.kind in methods[name].weights]
        return facts | ({"weights": ", ".join(files)} if files else {})
    if name in METRICS:
        metric = METRICS[name]
        lacking = missing(metric)
        state = f"unavailable: {lacking.reason}; {lacking.command}" if lacking else "available"
        return {key: str(value) for key, value in vars(metric).items() if value} | {"here": state}
    if plugin := third_parties().get(name):
        return {**vars(plugin), "try it": f"python -m bench check {name}"}
    if name in known_suites():
        return load_suite(name).model_dump(mode="json", exclude_defaults=True)
    if name in weights:
        card = weights[name]
        place = next(iter(places_of(card)), "not on this machine")
        return card.model_dump(mode="json", exclude_defaults=True) | {"here": str(place)}
    everything = [*methods, *METRICS, *third_parties(), *known_suites(), *weights]
    raise UnknownName("name", name, everything)


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
        "weights": "\n".join(map(str, search_path())),
    }


def is_installed(package: str) -> bool:
    """Whether the distribution is there."""
    import importlib.metadata

    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
