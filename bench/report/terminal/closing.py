"""What a run says on the terminal when it ends: the means of each split, and what is missing.

Read from `summary.csv`, so that a run with nothing to do says it at once. What is said of a mean is
what `summary.md` says of it; intervals, tests, factors and published figures stand there alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tabulate import tabulate

from bench.core.grouping import grouped
from bench.core.rows import Timed
from bench.metrics.facts import MetricFacts, Role, by_role, of_role
from bench.report import formats
from bench.report.conditions import origin, suite_title
from bench.report.formats import PARTIAL
from bench.report.tables.timing_notes import (
    BESIDE,
    TimedLine,
    is_beside_others,
    throughput,
    timing_notes,
)
from bench.report.terminal.fitting import fitted
from bench.results.cautions import Caution
from bench.results.results import Results
from bench.results.summary_csv import read_summary

Record = Mapping[str, str]  # a line of summary.csv
FIRST = "*"
SPLIT = "\0"  # stands for the split's name while reasons are compared
NOTES = {
    FIRST: f"{FIRST} the best of its column, or not told apart from it by the tests",
    PARTIAL: f"{PARTIAL} scored on fewer images than others of its column, or on others: that mean "
    "would not compare, and stands in summary.csv with its number of images",
    formats.DOUBTED: f"{formats.DOUBTED} not to be trusted, as the warning says",
}


def closing(results: Results, out: Path, width: int | None = None) -> str:
    """The tables of a results folder in plain text, means only, and where the rest is.

    width: of the terminal in letters, which no table exceeds while it can help it; None: any.
    """
    records = read_summary(out)
    tables = grouped(
        ((r["split"], r["scale"], r["operator"]), r)
        for r in records
        if r["ok"] != "0" or any(mean(r, facts) for facts in results.metrics)
    )
    shown = [
        f"{formats.plain(split)}, {scale}x\n"
        + "\n".join(table_of(found, results, (split, scale, operator), width))
        for (split, scale, operator), found in tables.items()
    ]
    parts = [suite_title(results), origin(results)]
    parts += one_part(f"warning: {caution.text}" for caution in results.cautions)
    parts += shown
    parts += one_part(note for mark, note in NOTES.items() if any(mark in part for part in shown))
    parts += one_part(absences(records))
    parts += one_part(
        f"not computed: {column}: {why}" for column, why in results.missing_metrics.items()
    )
    parts.append(f"Intervals, tests, factors, published figures: {out / 'summary.md'}")
    return "\n\n".join(part for part in parts if part)


def absences(records: Iterable[Record]) -> Iterator[str]:
    """What is missing, a line a reason: that of several splits is said once for all of them."""
    found = grouped(
        ((r["method"], r["scale"], re.sub(rf"\b{re.escape(r['split'])}\b", SPLIT, missing)), r)
        for r in records
        for missing in missing_of(r)
    )
    told: dict[str, list[str]] = {}
    for (method, scale, reason), of_reason in found.items():
        splits = ", ".join(r["split"] for r in of_reason)
        whole = reason.replace(SPLIT, splits if len(of_reason) == 1 else "SPLIT")
        told.setdefault(whole, []).append(f"{method} on {splits} {scale}x")
    for reason, places in told.items():
        yield f"{', '.join(places)}: {reason}"


def missing_of(record: Record) -> Iterator[str]:
    """Why rows of a method, or scores of its rows, are missing."""
    if record["reasons"]:
        yield record["reasons"]
    planned = int(record["n"]) * int(record["seeds"])
    reached = sum(int(part.rpartition(" ")[2]) for part in record["states"].split("; ") if part)
    if planned > reached:
        yield f"{planned - reached} of {planned} not run"
    if record.get("unscored"):
        yield record["unscored"]


def one_part(lines: Iterable[str]) -> list[str]:
    """One part of several lines; none where there are none."""
    texts = [formats.plain(line) for line in lines]
    return ["\n".join(texts)] if texts else []


def table_of(
    records: Sequence[Record],
    results: Results,
    place: tuple[str, str, str],
    width: int | None = None,
) -> Iterator[str]:
    """Methods by the metrics that were measured, and what is to be known of the numbers."""
    metrics = [facts for facts in results.metrics if any(mean(r, facts) for r in records)]
    doubted = {c.metric for c in results.cautions if is_doubt(c, place)}
    heads = [formats.header(f) + formats.DOUBTED * (f.column in doubted) for f in metrics]
    decided = [facts for facts in metrics if any(not leads(r, facts) for r in records)]
    rows = [
        [
            formats.plain(record["method"]),
            *(score_of(record, facts, facts in decided) for facts in metrics),
            latency_of(record),
            f"{record['ok']}/{record['n']}",
        ]
        for record in records
    ]
    heads = ["method", *heads, "latency", "images"]
    heads, rows, left_out = fitted(heads, rows, by_worth(metrics), width)
    aligned = ("left", *("right" for _ in heads[1:]))
    yield tabulate(rows, heads, disable_numparse=True, colalign=aligned)
    if left_out:
        yield f"Too wide for this terminal: {', '.join(left_out)}"
    for facts in metrics:
        yield from counts_of(records, facts)
    timed = [
        TimedLine(
            formats.plain(record["method"]),
            timed_of(record),
            int(record.get("timed_n") or 0),
            int(record.get("timed_otherwise") or 0),
            throughput(float(record.get("images_per_s") or 0), int(record.get("batch") or 0)),
        )
        for record in records
        if record["latency_median_s"] or record.get("images_per_s")
    ]
    yield from map(formats.plain, timing_notes(timed))


def by_worth(metrics: Sequence[MetricFacts]) -> list[int]:
    """The columns behind the methods, those first that a narrow table keeps longest: what this
    benchmark is for (perception, fidelity, identity, time), other metrics, how many images."""
    of_roles = (
        of_role(role, metrics)[:1] for role in (Role.PERCEPTION, Role.FIDELITY, Role.IDENTITY)
    )
    first = [facts for found in of_roles for facts in found]
    others = [facts for facts in by_role(metrics) if facts not in first]
    places = {facts.column: place for place, facts in enumerate(metrics, 1)}
    latency = 1 + len(metrics)
    return [
        *(places[facts.column] for facts in first),
        latency,
        *(places[facts.column] for facts in others),
        latency + 1,
    ]


def is_doubt(caution: Caution, place: tuple[str, str, str]) -> bool:
    """Whether the caution is of a metric in that table."""
    table = caution.table
    return table is not None and (table.split, str(table.scale), table.operator) == place


def counts_of(records: Sequence[Record], facts: MetricFacts) -> Iterator[str]:
    """How many images the means of a metric are over, unless it is all of every method's."""
    counts: dict[str, list[str]] = {}
    for record in records:
        if mean(record, facts):
            counts.setdefault(record[f"{facts.column}_n"], []).append(record["method"])
    of = records[0]["n"]
    if set(counts) - {of}:
        told = (f"{n} of {of} ({', '.join(methods)})" for n, methods in counts.items())
        yield formats.plain(f"{facts.title} is over images: {'; '.join(told)}")


def score_of(record: Record, facts: MetricFacts, is_decided: bool) -> str:
    """A mean, marked where it leads or ties with the leader, and not all do; none where it is over
    other images than those of its column."""
    found = number(mean(record, facts))
    if found is None:
        return formats.NOTHING + " "
    if is_partial(record, facts):
        return formats.NOTHING + PARTIAL
    mark = FIRST if is_decided and leads(record, facts) else " "
    return formats.number(facts, found) + mark


def latency_of(record: Record) -> str:
    """The median, marked where others were at work beside it."""
    text = formats.latency(number(record["latency_median_s"]), None)[0]
    return text + BESIDE * is_beside_others(timed_of(record))


def timed_of(record: Record) -> Timed:
    """What the times were taken under."""
    return Timed(record.get("machine", ""), record.get("timed_under", ""))


def is_partial(record: Record, facts: MetricFacts) -> bool:
    """Whether others of its column are over images that it lacks."""
    return record.get(f"{facts.column}_partial") == "True"


def leads(record: Record, facts: MetricFacts) -> bool:
    """Whether no method is told to be better; true as well where too few images tell nothing."""
    if is_partial(record, facts) or not mean(record, facts):
        return False
    return record[f"{facts.column}_group"] in ("1", "")


def mean(record: Record, facts: MetricFacts) -> str:
    """As it is written."""
    return record.get(f"{facts.column}_mean", "")


def number(text: str) -> float | None:
    """None where nothing was measured."""
    return float(text) if text else None
