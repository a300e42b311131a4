"""What a run says on the terminal when it ends: the means of each split, and what is missing.

Read from `summary.csv`, so that a run with nothing to do says it at once; everything else
(intervals, tests, factors, published figures) stands in `summary.md` and on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tabulate import tabulate

from bench.core.grouping import grouped
from bench.metrics.facts import MetricFacts
from bench.report import formats
from bench.report.conditions import origin, suite_title
from bench.results.results import Results
from bench.results.summary_csv import read_summary

Record = Mapping[str, str]  # a line of summary.csv
FIRST = "*"


def closing(results: Results, out: Path) -> str:
    """The tables of a results folder in plain text, means only, and where the rest is."""
    records = read_summary(out)
    tables = grouped(
        ((r["split"], r["scale"], r["operator"]), r) for r in records if r["ok"] != "0"
    )
    absent = grouped(
        (r["reasons"], f"{r['method']} on {r['split']} {r['scale']}x")
        for r in records
        if r["reasons"]
    )
    parts = [suite_title(results), origin(results)]
    parts += listed(f"warning: {caution.text}" for caution in results.cautions)
    parts += [
        f"{formats.plain(split)}, {scale}x\n{table_of(found, results.metrics)}"
        for (split, scale, _), found in tables.items()
    ]
    if any(FIRST in part for part in parts):
        parts.append(f"{FIRST} the best of its column, or not told apart from it by the tests")
    parts += listed(f"{', '.join(places)}: {reason}" for reason, places in absent.items())
    parts += listed(
        f"not computed: {column}: {why}" for column, why in results.missing_metrics.items()
    )
    parts.append(f"Intervals, tests, factors, published figures: {out / 'summary.md'}")
    return "\n\n".join(part for part in parts if part)


def listed(lines: Iterable[str]) -> list[str]:
    """One part of several lines; none where there are none."""
    texts = [formats.plain(line) for line in lines]
    return ["\n".join(texts)] if texts else []


def table_of(records: Sequence[Record], defined: Sequence[MetricFacts]) -> str:
    """Methods by the metrics that were measured."""
    metrics = [facts for facts in defined if any(mean(record, facts) for record in records)]
    heads = ["method", *(formats.header(facts) for facts in metrics), "latency", "images"]
    decided = [facts for facts in metrics if any(not leads(r, facts) for r in records)]
    rows = [
        [
            formats.plain(record["method"]),
            *(score_of(record, facts, facts in decided) for facts in metrics),
            formats.latency(number(record["latency_median_s"]), None)[0],
            f"{record['ok']}/{record['n']}",
        ]
        for record in records
    ]
    aligned = ("left", *("right" for _ in heads[1:]))
    return tabulate(rows, heads, disable_numparse=True, colalign=aligned)


def score_of(record: Record, facts: MetricFacts, is_decided: bool) -> str:
    """A mean, marked where it leads or ties with the leader, and not all do."""
    found = number(mean(record, facts))
    if found is None:
        return formats.NOTHING
    mark = FIRST if is_decided and leads(record, facts) else " "
    return formats.number(facts, found) + mark


def leads(record: Record, facts: MetricFacts) -> bool:
    """Whether no method is told to be better; true as well where too few images tell nothing."""
    return record[f"{facts.column}_group"] in ("1", "")


def mean(record: Record, facts: MetricFacts) -> str:
    """As it is written."""
    return record.get(f"{facts.column}_mean", "")


def number(text: str) -> float | None:
    """None where nothing was measured."""
    return float(text) if text else None
