"""A plan put on record in the store, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bench.metrics.facts import stated
from bench.metrics.registry import METRICS
from bench.planning.used import used_by
from bench.results.store import Store

if TYPE_CHECKING:
    from bench.planning.plan import Plan, PlannedCell


def enter(plan: Plan, store: Store, command: Mapping[str, Any]) -> None:
    """Put the plan on record, before anything runs. command: arguments and environment."""
    store.add_plan(
        {
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "command": dict(command),
            "metrics": {s.facts.column: s.facts.protocol for s in plan.metrics},
            "metric_digests": {s.facts.column: s.digest for s in plan.metrics},
            "metric_facts": [
                stated(s.facts) for s in plan.metrics if s.facts.column not in METRICS
            ],
            "missing_metrics": dict(plan.missing_metrics),
            "said": {label: asdict(said) for label, said in plan.said.items()},
            "titles": {facts.label: facts.title for facts in plan.methods},
            "cells": [planned_entry(planned) for planned in plan.cells],
        }
    )


def planned_entry(planned: PlannedCell) -> dict[str, Any]:
    """A planned cell as data: its head, its key, and each picture with what forbids it."""
    cell, absent = planned.cell, planned.absent
    return {
        "key": cell.key,
        **cell.coordinate._asdict(),
        "identity": cell.identity,
        "measured": used.entry if (used := used_by(planned)) else None,
        "pictures": [
            {
                "name": picture.name,
                "sha256": picture.sha256,
                "state": absent.state if absent else picture.state if picture.problem else None,
                "reason": absent.reason if absent else picture.problem or "",
            }
            for picture in cell.split.pictures
        ],
    }
