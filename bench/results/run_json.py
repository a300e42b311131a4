"""`run.json`: the provenance of the latest run in a folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.core.errors import UNREADABLE, BenchError
from bench.core.files import write_text
from bench.core.rows import TableKey
from bench.metrics.facts import MetricFacts, restated
from bench.metrics.registry import METRICS
from bench.results.cautions import Caution, CautionKind


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


def write_run_json(out: Path, record: Mapping[str, Any]) -> None:
    """Put the provenance of a run in place. Raises `DiskError`."""
    write_text(out / "run.json", json.dumps(record, indent=1) + "\n")


CAUTION = ("kind", "text")
NOT_ON_RECORD = "not on record"


def cautions_of(run: Mapping[str, Any]) -> Iterator[Caution]:
    """The warnings that `run.json` has on record; what is none is passed over."""
    found = run.get("warnings")
    for entry in found if isinstance(found, list) else ():
        kind, text = (entry.get(name) if isinstance(entry, dict) else None for name in CAUTION)
        if kind in set(CautionKind) and isinstance(text, str):
            place = tuple(entry.get(name) for name in TableKey._fields)
            table = TableKey(*place) if None not in place else None
            yield Caution(CautionKind(kind), text, table, str(entry.get("metric", "")))


def facts_of(column: str, run: Mapping[str, Any]) -> MetricFacts:
    """The metric of a column under the protocol that `run.json` has on record."""
    recorded = section(section(run, "metrics"), column)
    protocol = str(recorded.get("protocol", NOT_ON_RECORD))
    if column in METRICS:
        return replace(METRICS[column], protocol=protocol)
    plain = {"column": column, "title": column, "unit": "", "protocol": protocol}
    try:
        return restated({**plain, **recorded, "column": column})
    except (KeyError, ValueError, TypeError):
        raise BenchError(
            f"rows.csv has a column {column!r}, and run.json does not say which way it is better; "
            f"known metrics: {', '.join(METRICS)}"
        ) from None


def section(table: object, name: str) -> Mapping[str, Any]:
    """A table within a table; empty where there is none of that name."""
    found = table.get(name) if isinstance(table, Mapping) else None
    return found if isinstance(found, Mapping) else {}
