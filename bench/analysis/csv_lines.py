"""The lines and pairs of a run by column, for the tables that others compute on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bench.analysis.pairs import Pair
from bench.analysis.summary import Line
from bench.stats import Interval


def summary_lines(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """One entry a line, for `summary.csv`."""
    return [summary_line(line) for line in lines]


def pair_lines(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """One entry a pair of methods and metric, for `pairs.csv`."""
    return [pair_line(line, pair) for line in lines for pair in line.pairs]


def summary_line(line: Line) -> dict[str, Any]:
    """The line by column."""
    coverage, costs = line.coverage, line.costs
    first, third = costs.latency_quartiles_s or (None, None)
    entry: dict[str, Any] = {
        **line.table._asdict(),
        "method": line.method,
        "seeds": coverage.seeds,
        "n": coverage.images,
        "ok": coverage.ok,
        "coverage": coverage.share,
        "states": "; ".join(f"{state} {count}" for state, count in coverage.states.items()),
        "latency_median_s": costs.latency_s,
        "latency_q1_s": first,
        "latency_q3_s": third,
        "cpu_median_s": costs.cpu_s,
        "peak_mem_median_bytes": costs.peak_mem_bytes,
        "metric_median_s": costs.metric_s,
        "images_per_s": costs.images_per_s,
        "batch": costs.batch,
        "timed_under": costs.timed.under,
        "timed_n": costs.timed_rows,
        "timed_otherwise": costs.timed_otherwise,
        "machine": costs.timed.machine,
        "load_s": costs.load_s,
        "warm_up_s": costs.warm_up_s,
        "parameters": costs.parameters,
        "macs": costs.macs,
        "reasons": "; ".join(absence.reason for absence in coverage.absences if absence.reason),
        "unscored": "; ".join(
            f"{column} missing on {absence.rows} of {coverage.rows} rows: {absence.reason}"
            for column, absences in line.scores.unscored.items()
            for absence in absences
        ),
    }
    if costs.compile_s is not None:
        entry["compile_s"] = costs.compile_s
    for column, interval in line.scores.means.items():
        entry |= interval_columns(column, interval)
        entry[f"{column}_partial"] = column in line.scores.partial
        entry[f"{column}_group"] = line.scores.groups.get(column)
    for column, spread in line.scores.spread.items():
        entry |= {f"{column}_seed_sd": spread.sd, f"{column}_best_of_k": spread.best_of_k}
    return entry


def interval_columns(column: str, interval: Interval) -> dict[str, float | None]:
    """A metric's columns in `summary.csv`."""
    return {
        f"{column}_mean": interval.mean,
        f"{column}_lo": interval.low,
        f"{column}_hi": interval.high,
        f"{column}_n": interval.n,
    }


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
    return entry
