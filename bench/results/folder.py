"""A results folder as rows: every plan made for it, filled from what the store holds.

Plans accumulate: a second run into a folder adds its rows to those of the first, and where both
planned the same row (method, split, image, scale, operator, seed) the later plan counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.core.errors import BenchError
from bench.core.rows import CellKey, Row, RowKey, RowState
from bench.metrics.facts import restated
from bench.metrics.registry import METRICS
from bench.results import check_records
from bench.results.budgets_csv import with_budgets
from bench.results.cautions import of_rows
from bench.results.check_records import Checked
from bench.results.factors_csv import with_factors
from bench.results.results import CellFacts, Results
from bench.results.rows_csv import read_rows
from bench.results.run_json import NOT_ON_RECORD, cautions_of, facts_of, run_json, section
from bench.results.store import Record, Store
from bench.results.summary_csv import cells_of
from methods.registry import known


def load_results(out: Path) -> Results:
    """Every row of the folder that is finished or cannot be run, in the order of the plans.

    A folder without its store, such as a report that someone passed on, is read from `rows.csv`
    and `run.json`. Raises `BenchError` if the folder holds no results.
    """
    store = Store(out)
    plans = store.plans()
    if not plans and (out / "rows.csv").is_file():
        results = with_budgets(read_tables(out, run_json(out)), out / "budgets.csv")
        return with_factors(results, out / "factors.csv")
    if not plans:
        raise BenchError(
            f"{out} holds no results: a results folder is what `python -m bench run --out DIR` made"
        )
    rows: dict[RowKey, Row] = {}
    cells: dict[CellKey, CellFacts] = {}
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
            cell = cell_of(entry)
            measured = CellFacts(entry["key"], *cell, **store.facts(entry["key"]))
            # A cell planned again with other settings takes the place of the earlier one, but
            # pictures that only the earlier plan had keep their rows.
            cells.pop(cell, None)
            cells[cell] = measured
            shown = {picture["name"]: picture["sha256"] for picture in entry["pictures"]}
            pictures.setdefault(entry["split"], {}).update(shown)
            for row in rows_of(entry, store.records(entry["key"])):
                rows.pop(row.key, None)
                rows[row.key] = with_conditions(row, measured)
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
        cautions=(
            *check_records.cautions(store, (Checked(cell.table, cell.method) for cell in cells)),
            *of_rows(rows.values()),
        ),
    )


def cell_of(entry: Mapping[str, Any]) -> CellKey:
    """The coordinate of a planned cell."""
    return CellKey(*(entry[name] for name in CellKey._fields))


def rows_of(entry: Mapping[str, Any], records: Mapping[str, Record]) -> Iterator[Row]:
    """The rows of one planned cell; a picture not reached yet has none."""
    for picture in entry["pictures"]:
        head = cell_of(entry)._asdict()
        if picture["state"]:
            state = RowState(picture["state"])
            yield Row(**head, image=picture["name"], state=state, reason=picture["reason"])
        elif record := records.get(picture["sha256"]):
            # The same picture may have been measured under another name.
            yield Row(**{**vars(record.row), **head, "image": picture["name"]})


def with_conditions(row: Row, cell: CellFacts) -> Row:
    """The row with the conditions of its times; earlier versions kept the cell's latest alone."""
    if row.timed_under or row.latency_s is None:
        return row
    return replace(
        row,
        machine=cell.machine,
        timed_under=cell.timed_under,
        calibration_s=cell.calibration_s,
        calibration_cpu_s=cell.calibration_cpu_s,
    )


def origins(store: Store) -> dict[RowKey, tuple[str, str]]:
    """Where measured rows are stored: the key of their cell and the hash of their picture."""
    found = {}
    for plan in store.plans():
        for entry in plan["cells"]:
            records = store.records(entry["key"])
            for picture in entry["pictures"]:
                if not picture["state"] and picture["sha256"] in records:
                    key = RowKey(*cell_of(entry), picture["name"])
                    found[key] = (entry["key"], picture["sha256"])
    return found


def read_tables(out: Path, run: Mapping[str, Any]) -> Results:
    """The results in `rows.csv`, with what `run.json` and `summary.csv` know of them.

    Raises `BenchError` with the line that cannot be read.
    """
    columns, rows = read_rows(out / "rows.csv")
    scored = {column for row in rows for column in (*row.metrics, *row.unscored)}
    metrics = tuple(
        facts_of(column, run)
        for column in columns
        if column in scored or column in section(run, "metrics")
    )
    missing = section(run, "missing_metrics")
    here = {facts.column for facts in metrics}
    titles = {name: facts.title for name, facts in known().items()}
    splits = section(run, "splits")
    return Results(
        rows=rows,
        cells=tuple(cells_of(out / "summary.csv")),
        metrics=metrics,
        missing_metrics={c: str(missing.get(c, NOT_ON_RECORD)) for c in columns if c not in here},
        titles={name: title for name, title in titles.items() if name in {r.method for r in rows}},
        run=run,
        pictures={
            str(split): {str(k): str(v) for k, v in section(splits[split], "images").items()}
            for split in splits
        },
        cautions=tuple(cautions_of(run)),
    )
