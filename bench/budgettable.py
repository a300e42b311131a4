"""Budgets from `budgets.csv`, as a folder without its store has them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bench.core.rows import Budget, Row
from bench.results.results import Results
from bench.rowtable import count, finite, needed, notes_of, read_csv, value_of

HEAD = ("method", "split", "image", "scale", "operator", "seed")
SPENT = ("steps", "latency_s")

Place = tuple[str, ...]  # HEAD, as text


def with_budgets(results: Results, path: Path) -> Results:
    """The results with what the file knows of their rows; as they were if there is none.

    Raises `BenchError` with the line that cannot be read.
    """
    if not path.is_file():
        return results
    columns = [facts.column for facts in results.metrics]
    found: dict[Place, list[Budget]] = {}
    for place, line in read_csv(path, (*HEAD, *SPENT)):
        if not line["steps"]:
            continue  # a row's own line, whose steps are not known
        latency_s = value_of(place, "latency_s", line["latency_s"], finite)
        scores = {c: value_of(place, c, line.get(c, ""), finite) for c in columns}
        budget = Budget(
            steps=needed(place, "steps", value_of(place, "steps", line["steps"], count)),
            latency_s=needed(place, "latency_s", latency_s),
            metrics={column: value for column, value in scores.items() if value is not None},
            unscored=notes_of(line.get("notes", ""), columns),
        )
        found.setdefault(tuple(line[name] for name in HEAD), []).append(budget)
    rows = tuple(replace(row, budgets=of_row(row, found)) for row in results.rows)
    return replace(results, rows=rows)


def of_row(row: Row, found: dict[Place, list[Budget]]) -> tuple[Budget, ...]:
    """The row's budgets: its lines but for its own, which has all its steps."""
    lines = found.get(tuple(str(getattr(row, name)) for name in HEAD), [])
    return tuple(budget for budget in lines if budget.steps != row.trace_length)
