"""A results folder as rows: every plan made for it, filled from what the store holds.

Plans accumulate: a second run into a folder adds its rows to those of the first, and where both
planned the same row (method, split, image, scale, operator, seed) the later plan counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.errors import UNREADABLE, BenchError
from bench.core.rows import Row, RowState
from bench.metrics.facts import Direction, MetricFacts
from bench.metrics.registry import METRICS
from bench.results import check_records, folder
from bench.results.budget_reading import with_budgets
from bench.results.factors_csv import with_factors
from bench.results.results import CellFacts, Results
from bench.results.store import Record, Store

if TYPE_CHECKING:
    from bench.planning.plan import Plan, PlannedCell

HEAD = ("method", "split", "scale", "operator", "seed")


def enter(plan: Plan, store: Store) -> None:
    """Put the plan on record, before anything runs."""
    store.add_plan(
        {
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "metrics": {s.facts.column: s.facts.protocol for s in plan.metrics},
            "metric_facts": [
                stated(s.facts) for s in plan.metrics if s.facts.column not in METRICS
            ],
            "missing_metrics": dict(plan.missing_metrics),
            "titles": {facts.label: facts.title for facts in plan.methods},
            "cells": [planned_entry(planned) for planned in plan.cells],
        }
    )


def stated(facts: MetricFacts) -> dict[str, Any]:
    """What readers need of a third party's metric, which they may not have installed."""
    kept = ("column", "title", "better", "unit", "protocol", "splits")
    return {name: getattr(facts, name) for name in kept}


def restated(facts: Mapping[str, Any]) -> MetricFacts:
    """The facts that `stated` kept."""
    return MetricFacts(
        **{**facts, "better": Direction(facts["better"]), "splits": tuple(facts["splits"])}
    )


def planned_entry(planned: PlannedCell) -> dict[str, Any]:
    """A planned cell as data: its head, its key, and each picture with what forbids it."""
    cell, absent = planned.cell, planned.absent
    return {
        "key": cell.key,
        "method": cell.method.label,
        "split": cell.split.name,
        "scale": cell.scale,
        "operator": cell.operator_column,
        "seed": cell.seed,
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


def read(out: Path) -> Results:
    """Every row of the folder that is finished or cannot be run, in the order of the plans.

    A folder without its store, such as a report that someone passed on, is read from `rows.csv`
    and `run.json`. Raises `BenchError` if the folder holds no results.
    """
    store = Store(out)
    plans = store.plans()
    if not plans and (out / "rows.csv").is_file():
        results = with_budgets(folder.read(out, run_json(out)), out / "budgets.csv")
        return with_factors(results, out / "factors.csv")
    if not plans:
        raise BenchError(
            f"{out} holds no results: a results folder is what `python -m bench run --out DIR` made"
        )
    rows: dict[tuple[Any, ...], Row] = {}
    cells: dict[tuple[Any, ...], CellFacts] = {}
    protocols: dict[str, str] = {}
    metrics = dict(METRICS)
    missing: dict[str, str] = {}
    titles: dict[str, str] = {}
    pictures: dict[str, dict[str, str]] = {}
    for plan in plans:
        protocols |= plan["metrics"]
        metrics |= {facts["column"]: restated(facts) for facts in plan.get("metric_facts", [])}
        missing |= plan["missing_metrics"]
        titles |= plan["titles"]
        for entry in plan["cells"]:
            head = tuple(entry[name] for name in HEAD)
            measured = CellFacts(entry["key"], *head, **store.facts(entry["key"]))
            # A cell planned again with other settings takes the place of the earlier one, but
            # pictures that only the earlier plan had keep their rows.
            cells.pop(head, None)
            cells[head] = measured
            shown = {picture["name"]: picture["sha256"] for picture in entry["pictures"]}
            pictures.setdefault(entry["split"], {}).update(shown)
            for row in rows_of(entry, store.records(entry["key"])):
                rows.pop((*head, row.image), None)
                rows[(*head, row.image)] = row
    known = tuple(
        replace(facts, protocol=protocols[column])
        for column, facts in metrics.items()
        if column in protocols
    )
    still_missing = {column: why for column, why in missing.items() if column not in protocols}
    return Results(
        rows=tuple(rows.values()),
        cells=tuple(cells.values()),
        metrics=known,
        missing_metrics=still_missing,
        titles=titles,
        run=run_json(out),
        pictures=pictures,
        cautions=check_records.cautions(store, places(cells.values())),
    )


def places(cells: Iterable[CellFacts]) -> Iterator[check_records.Place]:
    """Where each of the cells stands."""
    for cell in cells:
        yield check_records.Place(cell.split, cell.scale, cell.operator, cell.method)


def rows_of(entry: Mapping[str, Any], records: Mapping[str, Record]) -> Iterator[Row]:
    """The rows of one planned cell; a picture not reached yet has none."""
    for picture in entry["pictures"]:
        head = {name: entry[name] for name in HEAD}
        if picture["state"]:
            state = RowState(picture["state"])
            yield Row(**head, image=picture["name"], state=state, reason=picture["reason"])
        elif record := records.get(picture["sha256"]):
            # The same picture may have been measured under another name.
            yield Row(**{**vars(record.row), **head, "image": picture["name"]})


def run_json(out: Path) -> dict[str, Any]:
    """The provenance of the latest run; empty if it was not written.

    Raises `BenchError` if the file is none that a run wrote.
    """
    path = out / "run.json"
    if not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, TypeError, *UNREADABLE) as error:
        raise BenchError(f"{path} is not the record of a run: {error}") from None


def origins(store: Store) -> dict[tuple[Any, ...], tuple[str, str]]:
    """Where measured rows are stored: (*HEAD, image) to the cell's key and the picture's hash."""
    found = {}
    for plan in store.plans():
        for entry in plan["cells"]:
            records = store.records(entry["key"])
            for picture in entry["pictures"]:
                if not picture["state"] and picture["sha256"] in records:
                    head = tuple(entry[name] for name in HEAD)
                    found[(*head, picture["name"])] = (entry["key"], picture["sha256"])
    return found
