"""`rows.csv`, `summary.csv` and `pairs.csv`, for whoever computes on."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from bench.analysis.pairs import Pair
from bench.analysis.summary import Line
from bench.core.rows import score, why_unscored
from bench.csvcells import guarded
from bench.results.results import Results
from bench.stats import Interval

ROW_HEAD = (
    "method", "split", "image", "scale", "operator", "seed", "state", "reason", "latency_s",
    "peak_mem_bytes",
)  # fmt: skip
ROW_TAIL = (
    "cpu_s", "metric_s", "trace_length", "reached_tolerance", "output_digest", "notes",
)  # fmt: skip
SUMMARY_HEAD = ("method", "split", "scale", "operator", "seeds", "n", "ok", "coverage", "states")
SUMMARY_TAIL = (
    "latency_median_s", "latency_q1_s", "latency_q3_s", "cpu_median_s", "peak_mem_median_bytes",
    "metric_median_s", "load_s", "warm_up_s", "parameters", "macs", "reasons",
)  # fmt: skip
PAIR_HEAD = (
    "method_a", "method_b", "split", "scale", "metric", "n_common", "mean_difference", "ci_low",
    "ci_high", "p_wilcoxon", "p_holm", "wins", "ties", "losses", "told_apart", "operator",
)  # fmt: skip
PARTS = ("mean", "lo", "hi", "n", "group", "seed_sd", "best_of_k")


def rows_csv(results: Results) -> str:
    """One line an image and cell; empty where nothing was measured, and `notes` says why."""
    metrics = metric_columns(results)
    lines = []
    for row in results.rows:
        notes = "; ".join(f"{column}: {why}" for column, why in why_unscored(row).items())
        plain = {name: getattr(row, name) for name in (*ROW_HEAD, *ROW_TAIL[:-1])}
        lines.append(plain | {column: score(row, column) for column in metrics} | {"notes": notes})
    return as_csv((*ROW_HEAD, *metrics, *ROW_TAIL), lines)


def summary_csv(results: Results, lines: Sequence[Line]) -> str:
    """One line a method and table. Of each metric the mean, the bounds of its 95% interval, the
    number of images it is over and the tie group; of several seeds, the standard deviation of
    their means and the mean of each image's best."""
    metrics = metric_columns(results)
    columns = [f"{metric}_{part}" for metric in metrics for part in PARTS]
    return as_csv((*SUMMARY_HEAD, *columns, *SUMMARY_TAIL), [summary_line(line) for line in lines])


def pairs_csv(lines: Sequence[Line]) -> str:
    """One line a pair of methods, metric and table, over the images that both have: the mean of
    a - b with its 95% interval, tests, and the images on which a is better, equal and worse."""
    return as_csv(PAIR_HEAD, [pair_line(line, pair) for line in lines for pair in line.pairs])


def pair_line(line: Line, pair: Pair) -> dict[str, Any]:
    """The pair by column."""
    entry: dict[str, Any] = {
        **line.table._asdict(),
        "method_a": pair.method_a,
        "method_b": pair.method_b,
        "metric": pair.metric,
        "n_common": 0,
        "p_holm": pair.p_holm,
        "told_apart": pair.is_told_apart,
    }
    if found := pair.difference:
        entry |= {
            "n_common": found.n,
            "mean_difference": found.mean,
            "ci_low": found.low,
            "ci_high": found.high,
            "p_wilcoxon": found.p_wilcoxon,
            "wins": found.wins,
            "ties": found.ties,
            "losses": found.losses,
        }
    return {name: rounded(value) for name, value in entry.items()}


def summary_line(line: Line) -> dict[str, Any]:
    """The line by column."""
    first, third = line.latency_quartiles_s or (None, None)
    entry: dict[str, Any] = {
        **line.table._asdict(),
        "method": line.method,
        "seeds": line.seeds,
        "n": line.n,
        "ok": line.ok,
        "coverage": line.coverage,
        "states": "; ".join(f"{state} {count}" for state, count in line.states.items()),
        "latency_median_s": line.latency_s,
        "latency_q1_s": first,
        "latency_q3_s": third,
        "cpu_median_s": line.cpu_s,
        "peak_mem_median_bytes": line.peak_mem_bytes,
        "metric_median_s": line.metric_s,
        "load_s": line.load_s,
        "warm_up_s": line.warm_up_s,
        "parameters": line.parameters,
        "macs": line.macs,
        "reasons": "; ".join(absence.reason for absence in line.absences if absence.reason),
    }
    for column, interval in line.metrics.items():
        entry |= interval_columns(column, interval) | {f"{column}_group": line.groups.get(column)}
    for column, spread in line.spread.items():
        entry |= {f"{column}_seed_sd": spread.sd, f"{column}_best_of_k": spread.best_of_k}
    return {name: rounded(value) for name, value in entry.items()}


def interval_columns(column: str, interval: Interval) -> dict[str, float | None]:
    """A metric's columns in `summary.csv`."""
    return {
        f"{column}_mean": interval.mean,
        f"{column}_lo": interval.low,
        f"{column}_hi": interval.high,
        f"{column}_n": interval.n,
    }


def metric_columns(results: Results) -> list[str]:
    """The metrics that were scored, then those that could not be."""
    scored = (facts.column for facts in results.metrics)
    return list(dict.fromkeys((*scored, *results.missing_metrics)))


def rounded(value: object) -> object:
    """Statistics to eight digits: the last ones differ between machines."""
    return f"{value:.8g}" if isinstance(value, float) else value


def as_csv(columns: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> str:
    """The lines as RFC 4180 has them, ended by a newline alone; None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writer.writerow(map(guarded, columns))
    for line in lines:
        writer.writerow({name: guarded(value) for name, value in line.items()})
    return text.getvalue()
