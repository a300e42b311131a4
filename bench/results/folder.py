"""A results folder as rows: what `bench.results.selection` chooses of the plans made for it, filled
from what the store holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.core.errors import BenchError
from bench.core.rows import CellKey, Row, RowKey, RowState
from bench.metrics.facts import restated
from bench.metrics.registry import METRICS
from bench.results import check_records
from bench.results.budgets_csv import with_budgets
from bench.results.cautions import Caution, CautionKind, of_rows
from bench.results.check_records import Checked
from bench.results.factors_csv import with_factors
from bench.results.measured import Measured, measured_of, restored
from bench.results.results import CellFacts, Results
from bench.results.rows_csv import read_rows
from bench.results.run_json import NOT_ON_RECORD, cautions_of, facts_of, run_json, section
from bench.results.score_versions import Version, with_scores_of
from bench.results.selection import Chosen, left_out, select
from bench.results.store import Record, Store
from bench.results.summary_csv import cells_of
from methods.registry import title_of


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
    protocols: dict[str, str] = {}
    digests: dict[str, str | None] = {}
    metrics = dict(METRICS)
    missing: dict[str, str] = {}
    titles: dict[str, str] = {}
    for plan in plans:
        protocols |= plan["metrics"]
        digests |= {c: plan.get("metric_digests", {}).get(c) for c in plan["metrics"]}
        metrics |= {facts["column"]: restated(facts) for facts in plan.get("metric_facts", [])}
        missing |= plan["missing_metrics"]
        titles |= plan["titles"]
    records = {
        key: store.records(key)
        for key in dict.fromkeys(entry["key"] for plan in plans for entry in plan["cells"])
    }
    versions = {column: Version(protocols[column], digests[column]) for column in protocols}
    rows: list[Row] = []
    cells: list[CellFacts] = []
    pictures: dict[str, dict[str, str]] = {}
    measured: list[Measured] = []
    selected = select(plans)
    for chosen in selected:
        found = [
            with_scores_of(row, record, versions)
            for row, record in rows_of(chosen, records[chosen.key])
        ]
        if found or chosen.is_own:
            facts = CellFacts(chosen.key, *chosen.cell, **store.facts(chosen.key))
            cells.append(facts)
            rows += [with_conditions(row, facts) for row in found]
            measured += measured_of(chosen.cell, chosen.measured)
            shown = {picture.name: picture.sha256 for picture in chosen.pictures}
            pictures.setdefault(chosen.cell.split, {}).update(shown)
    known = tuple(
        replace(facts, protocol=protocols[column])
        for column, facts in metrics.items()
        if column in protocols
    )
    still_missing = {column: why for column, why in missing.items() if column not in protocols}
    stored = {key: set(found) for key, found in records.items()}
    return Results(
        rows=tuple(rows),
        cells=tuple(cells),
        metrics=known,
        missing_metrics=still_missing,
        titles=titles,
        run=run_json(out),
        pictures=pictures,
        measured=tuple(dict.fromkeys(measured)),
        cautions=(
            *check_records.cautions(store, (Checked(c.coordinate.table, c.method) for c in cells)),
            *of_rows(rows),
            *(
                Caution(CautionKind.STORED, text, table)
                for table, text in left_out(plans, selected, stored)
            ),
        ),
    )


def rows_of(chosen: Chosen, records: Mapping[str, Record]) -> Iterator[tuple[Row, Record | None]]:
    """The rows of one cell, each with its record; a picture not reached yet has none."""
    head = chosen.cell._asdict()
    for picture in chosen.pictures:
        record = records.get(picture.sha256)
        if picture.state:
            state = RowState(picture.state)
            row = Row(**head, image=picture.name, state=state, reason=picture.reason)
            yield replace(row, cell_key=chosen.key), None
        elif record:
            # The same picture may have been measured under another name.
            named = {**vars(record.row), **head, "image": picture.name, "cell_key": chosen.key}
            yield Row(**named), record


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
    for chosen in select(store.plans()):
        records = store.records(chosen.key)
        for picture in chosen.pictures:
            if not picture.state and picture.sha256 in records:
                found[RowKey(*chosen.cell, picture.name)] = (chosen.key, picture.sha256)
    return found


def check_one_key(rows: Iterable[Row], path: Path) -> None:
    """Raise `BenchError` if rows of one method and seed in a table were decided by two keys."""
    keys: dict[CellKey, str] = {}
    for row in rows:
        if row.cell_key and keys.setdefault(row.cell, row.cell_key) != row.cell_key:
            raise BenchError(
                f"{path} has rows of {row.subject} of two kinds ({keys[row.cell]} and "
                f"{row.cell_key}): other settings, weights, code, precision or device. Put them in "
                "folders of their own; `python -m bench report FOLDER FOLDER --keep-apart --out "
                "DIR` then shows both"
            )


def read_tables(out: Path, run: Mapping[str, Any]) -> Results:
    """The results in `rows.csv`, with what `run.json` and `summary.csv` know of them.

    Raises `BenchError` with the line that cannot be read.
    """
    columns, rows = read_rows(out / "rows.csv")
    check_one_key(rows, out / "rows.csv")
    scored = {column for row in rows for column in (*row.metrics, *row.unscored)}
    metrics = tuple(
        facts_of(column, run)
        for column in columns
        if column in scored or column in section(run, "metrics")
    )
    missing = section(run, "missing_metrics")
    here = {facts.column for facts in metrics}
    methods = dict.fromkeys(row.method for row in rows)
    splits = section(run, "splits")
    return Results(
        rows=rows,
        cells=tuple(cells_of(out / "summary.csv")),
        metrics=metrics,
        missing_metrics={c: str(missing.get(c, NOT_ON_RECORD)) for c in columns if c not in here},
        titles={method: title for method in methods if (title := title_of(method))},
        run=run,
        pictures={
            str(split): {str(k): str(v) for k, v in section(splits[split], "images").items()}
            for split in splits
        },
        cautions=tuple(cautions_of(run)),
        measured=tuple(restored(run.get("measured"))),
    )
