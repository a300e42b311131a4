"""Whether a metric can be computed here; nothing is ever scored with random weights."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import replace

from bench import weights
from bench.metrics.registry import MetricFacts
from bench.weights import Found, Missing


def missing(facts: MetricFacts) -> Missing | None:
    """What the metric lacks, with the command that gets it, or None."""
    if lacking := missing_packages(facts):
        return lacking
    for kind in facts.weights:
        found = weights.find((kind,))
        if isinstance(found, Missing):
            return found
    return None


def missing_packages(facts: MetricFacts) -> Missing | None:
    """The Python packages the metric lacks, with the command that installs them, or None."""
    lacking = [name for name in facts.modules if importlib.util.find_spec(name) is None]
    if not lacking:
        return None
    return Missing(f"needs the packages {', '.join(lacking)}", f"`{facts.install}`")


def files(facts: MetricFacts) -> dict[str, Found]:
    """The metric's files, by their kind; those that are missing are left out."""
    found = {kind: weights.find((kind,)) for kind in facts.weights}
    return {kind: file for kind, file in found.items() if isinstance(file, Found)}


def identified(facts: MetricFacts, found: Mapping[str, Found]) -> MetricFacts:
    """The facts, with the files that it is computed with in the protocol.

    Each is named by its kind, the start of its hash and what its card sets, such as
    `arcface:b7120c09(colour=rgb)`: numbers of different networks do not compare.
    """
    names = [name_of(kind, file) for kind, file in found.items()]
    return replace(facts, protocol="/".join((facts.protocol, *names)))


def name_of(kind: str, file: Found) -> str:
    """A file in a protocol string."""
    settings = file.card.settings if file.card else {}
    listed = ",".join(f"{key}={value}" for key, value in sorted(settings.items()))
    return f"{kind}:{file.sha256[:8]}" + (f"({listed})" if listed else "")
