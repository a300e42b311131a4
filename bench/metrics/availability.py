"""Whether a metric can be computed here; nothing is ever scored with random weights."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bench.metrics.facts import MetricFacts
from bench.weights import search
from bench.weights.search import Found, Missing
from bench.weights.shelves import cards


def missing(facts: MetricFacts) -> Missing | None:
    """What the metric lacks, with the command that gets it, or None."""
    if lacking := missing_packages(facts):
        return lacking
    for kind in facts.weights:
        found = search.find((kind,))
        if isinstance(found, Missing):
            return found
    for kind in facts.split_weights:  # of one split is enough: rows of others say what they lack
        found = search.find((kind,), split=facts.splits[0] if len(facts.splits) == 1 else None)
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
    """The metric's files, by their kind; those that are missing are left out.

    Where each split has a file of its own, by kind and split: all that are here, whichever splits
    a run has, so that its scores do not depend on that.
    """
    found = {kind: search.find((kind,)) for kind in facts.weights}
    for kind in facts.split_weights:
        found |= {f"{kind}-{split}": file for split, file in by_split(facts, kind).items()}
    return {kind: file for kind, file in found.items() if isinstance(file, Found)}


def by_split(facts: MetricFacts, kind: str) -> dict[str, Found | Missing]:
    """The file of each split that cards of this kind serve and the metric is defined on."""
    served = {s.split for card in cards().values() if card.kind == kind for s in card.serves}
    splits = sorted(split for split in served if split and facts.applies_to(split))
    return {split: search.find((kind,), split=split) for split in splits}


def identified(facts: MetricFacts, found: Mapping[str, Found]) -> MetricFacts:
    """The facts, with the files that it is computed with in the protocol.

    Each is named by its kind, the start of its hash and what its card sets, such as
    `arcface:b7120c09(colour=rgb)`: numbers of different networks do not compare. A card of
    `bench train` sets nothing: it tells how the file came to be.
    """
    names = [
        name_of(kind, file, {} if kind not in facts.weights else settings_of(file))
        for kind, file in found.items()
    ]
    return replace(facts, protocol="/".join((facts.protocol, *names)))


def settings_of(file: Found) -> Mapping[str, Any]:
    """What the file's card sets."""
    return file.card.settings if file.card else {}


def name_of(kind: str, file: Found, settings: Mapping[str, Any]) -> str:
    """A file in a protocol string."""
    listed = ",".join(f"{key}={value}" for key, value in sorted(settings.items()))
    return f"{kind}:{file.sha256[:8]}" + (f"({listed})" if listed else "")
