"""`pairs.csv`: one line a pair of methods, metric and table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bench.results.csv_files import statistics_csv

PAIR_HEAD = (
    "method_a", "method_b", "split", "scale", "metric", "n_common", "mean_difference", "ci_low",
    "ci_high", "p_wilcoxon", "p_holm", "wins", "ties", "losses", "told_apart", "operator",
)  # fmt: skip


def pairs_csv(lines: Iterable[Mapping[str, Any]]) -> str:
    """One line a pair of methods, metric and table, over the images that both have: the mean of
    a - b with its 95% interval, tests, and the images on which a is better, equal and worse."""
    return statistics_csv(PAIR_HEAD, lines)
