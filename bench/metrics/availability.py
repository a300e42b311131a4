"""Whether a metric can be computed here; nothing is ever scored with random weights."""

from __future__ import annotations

import importlib.util

from bench import weights
from bench.metrics.registry import MetricFacts
from bench.weights import Found, Missing


def missing(facts: MetricFacts) -> Missing | None:
    """What the metric lacks, with the command that gets it, or None."""
    lacking = [name for name in facts.modules if importlib.util.find_spec(name) is None]
    if lacking:
        return Missing(f"needs the packages {', '.join(lacking)}", f"`{facts.install}`")
    for kind in facts.weights:
        found = weights.find((kind,))
        if isinstance(found, Missing):
            return found
    return None


def files(facts: MetricFacts) -> dict[str, Found]:
    """The metric's files, by their kind; those that are missing are left out."""
    found = {kind: weights.find((kind,)) for kind in facts.weights}
    return {kind: file for kind, file in found.items() if isinstance(file, Found)}
