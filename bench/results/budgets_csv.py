"""`budgets.csv`: the quality that an optimisation had reached after part of its steps.

One line for each milestone of each ok row whose method has any, and after them one for the row
itself, so that a budget curve needs this file alone. Columns:

    method,split,image,scale,operator,seed   as in rows.csv
    steps      optimisation steps taken by then; the same for all images of a method and split
    fraction   steps / all steps of the search: about 0.1, about 0.333, and 1 on the row's own line
    latency_s  seconds from the start of the restoration until then, measured; empty in a batch
    <metrics>  the columns of rows.csv, of the best iterate by then; empty where there is no score
    notes      why scores are missing

The lines of one row are of one search, not of shorter ones. Without such methods the file has
its header alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.core.rows import Budget, Row, RowState
from bench.results.csv_files import as_csv, count, finite, needed, read_csv, rounded, value_of
from bench.results.results import Results
from bench.results.rows_csv import metric_columns, notes_of, notes_on

HEAD = ("method", "split", "image", "scale", "operator", "seed")
SPENT = ("steps", "fraction", "latency_s")


def budgets_csv(results: Results) -> str:
    """The file as text."""
    rounding = ({**line, "fraction": rounded(line["fraction"])} for line in budget_lines(results))
    return as_csv(budget_columns(results), rounding)


def budget_columns(results: Results) -> list[str]:
    """The header."""
    return [*HEAD, *SPENT, *metric_columns(results), "notes"]


def budget_lines(results: Results) -> Iterator[dict[str, Any]]:
    """Every line by column."""
    columns = metric_columns(results)
    return (line for row in results.rows for line in lines_of(row, columns))


def lines_of(row: Row, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The lines of one row: its milestones, then itself; none where it has no milestones."""
    for then in stages(row):
        spent, whole = then.trace_length, row.trace_length
        yield {
            **{name: getattr(row, name) for name in HEAD},
            "steps": spent,
            "fraction": spent / whole if spent and whole else None,
            "latency_s": then.latency_s,
            **{column: then.score(column) for column in columns},
            "notes": notes_on(then),
        }


def stages(row: Row) -> tuple[Row, ...]:
    """The row as it stood at each milestone, then as it is; none of a row without milestones."""
    if row.state is not RowState.OK or not row.budgets:
        return ()
    earlier = (
        replace(
            row,
            trace_length=budget.steps,
            latency_s=budget.latency_s,
            metrics=budget.metrics,
            unscored=budget.unscored,
            budgets=(),
        )
        for budget in row.budgets
    )
    return (*earlier, row)


def with_budgets(results: Results, path: Path) -> Results:
    """The results with what the file knows of their rows; as they were if there is none.

    Raises `BenchError` with the line that cannot be read.
    """
    if not path.is_file():
        return results
    columns = [facts.column for facts in results.metrics]
    found: dict[tuple[str, ...], list[Budget]] = {}  # by HEAD, as text
    for place, line in read_csv(path, (*HEAD, "steps", "latency_s")):
        if not line["steps"]:
            continue  # a row's own line, whose steps are not known
        latency_s = value_of(place, "latency_s", line["latency_s"], finite)
        scores = {c: value_of(place, c, line.get(c, ""), finite) for c in columns}
        budget = Budget(
            steps=needed(place, "steps", value_of(place, "steps", line["steps"], count)),
            latency_s=latency_s,
            metrics={column: value for column, value in scores.items() if value is not None},
            unscored=notes_of(line.get("notes", ""), columns),
        )
        found.setdefault(tuple(line[name] for name in HEAD), []).append(budget)
    rows = tuple(replace(row, budgets=of_row(row, found)) for row in results.rows)
    return replace(results, rows=rows)


def of_row(row: Row, found: dict[tuple[str, ...], list[Budget]]) -> tuple[Budget, ...]:
    """The row's budgets: its lines but for its own, which has all its steps."""
    lines = found.get(tuple(str(getattr(row, name)) for name in HEAD), [])
    return tuple(budget for budget in lines if budget.steps != row.trace_length)
