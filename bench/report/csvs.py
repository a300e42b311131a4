"""`rows.csv` and `summary.csv`: the contract of the design, for whoever computes on."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from bench.results import Results
from bench.rows import Row
from bench.summary import Line

ROW_HEAD = (
    "method", "split", "image", "scale", "operator", "seed", "state", "reason", "latency_s",
    "peak_mem_bytes",
)  # fmt: skip
ROW_TAIL = ("cpu_s", "metric_s", "trace_length", "reached_tolerance")


def rows_csv(results: Results) -> str:
    """One line an image and cell; a cell of the table is empty where nothing was measured."""
    columns = all_columns(results)
    lines: list[dict[str, Any]] = []
    for row in results.rows:
        line = {name: getattr(row, name) for name in (*ROW_HEAD, *ROW_TAIL)}
        lines.append(line | dict(row.metrics) | {"notes": notes(row)})
    return as_csv([*ROW_HEAD, *columns, *ROW_TAIL, "notes"], lines)


def summary_csv(results: Results, lines: Sequence[Line]) -> str:
    """One line a (method, split): coverage, means with 95% intervals, cost."""
    table: list[dict[str, Any]] = []
    for line in lines:
        split, scale, operator = line.table
        entry: dict[str, Any] = {
            "method": line.method,
            "split": split,
            "scale": scale,
            "operator": operator,
            "seeds": line.seeds,
            "n": line.n,
            "ok": line.ok,
            "coverage": f"{line.coverage:.4f}",
            "latency_median_s": line.latency_s,
            "latency_q1_s": line.latency_quartiles_s[0] if line.latency_quartiles_s else None,
            "latency_q3_s": line.latency_quartiles_s[1] if line.latency_quartiles_s else None,
            "cpu_median_s": line.cpu_s,
            "peak_mem_median_bytes": line.peak_mem_bytes,
            "parameters": line.parameters,
            "macs": line.macs,
            "reasons": "; ".join(line.reasons),
        }
        for column, interval in line.metrics.items():
            entry |= {
                column: interval.mean,
                f"{column}_low": interval.low,
                f"{column}_high": interval.high,
                f"{column}_n": interval.n,
            }
        table.append(entry)
    metric_columns = [
        name
        for column in all_columns(results)
        for name in (column, f"{column}_low", f"{column}_high", f"{column}_n")
    ]
    head = ["method", "split", "scale", "operator", "seeds", "n", "ok", "coverage"]
    tail = ["latency_median_s", "latency_q1_s", "latency_q3_s", "cpu_median_s",
            "peak_mem_median_bytes", "parameters", "macs", "reasons"]  # fmt: skip
    return as_csv([*head, *metric_columns, *tail], table)


def all_columns(results: Results) -> list[str]:
    """The metric columns: those scored and, empty, those that could not be."""
    return [*(facts.column for facts in results.metrics), *results.missing_metrics]


def notes(row: Row) -> str:
    """Why metrics of an ok row are missing."""
    return "; ".join(f"{column}: {reason}" for column, reason in row.unscored.items())


def as_csv(columns: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> str:
    """RFC 4180, None as nothing."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()
