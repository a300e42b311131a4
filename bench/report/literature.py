"""Published figures beside the measured ones, with what stands between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.metrics.registry import METRICS, MetricFacts
from bench.published import Publication, PublishedTable, publications
from bench.report import formats
from bench.results import Results
from bench.summary import Line, Table


@dataclass(frozen=True)
class LiteratureTable:
    """The published figures of one split from one publication."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    comparability: str  # may the two be held against each other
    protocols: tuple[str, ...]
    source: str


def literature_tables(
    table: Table, lines: Sequence[Line], results: Results
) -> list[LiteratureTable]:
    """A table of each publication that has figures of this split at this scale."""
    found = []
    for publication in publications():
        tables = [
            published
            for published in publication.table
            if published.scale == table.scale and table.split in published.values
        ]
        if tables:
            found.append(beside(publication, tables, table.split, lines, results))
    return found


def beside(
    publication: Publication,
    tables: Sequence[PublishedTable],
    split: str,
    lines: Sequence[Line],
    results: Results,
) -> LiteratureTable:
    """Each published column followed by the measured ones that may answer to it."""
    suite = suite_of(results)
    obstacle = publication.obstacle(split, suite)
    measured = {line.method: line for line in lines}
    headers = ["method"]
    columns: list[tuple[PublishedTable, list[MetricFacts]]] = []
    for published in tables:
        answers = answering(published.metric, results.metrics)
        headers += [f"{published_header(published)}, published"]
        headers += [f"{formats.header(facts)}, measured" for facts in answers]
        columns.append((published, answers))
    rows = []
    for method in dict.fromkeys(m for published in tables for m in published.values[split]):
        row = [publication.name_of(method, results.titles)]
        for published, answers in columns:
            value = published.values[split].get(method)
            row.append(formats.NOTHING if value is None else f"{value:{precision(published)}}")
            line = measured.get(method)
            row += [formats.score(f, line.metrics.get(f.column) if line else None) for f in answers]
        rows.append(tuple(row))
    return LiteratureTable(
        title=publication.title,
        headers=tuple(headers),
        rows=tuple(rows),
        comparability=f"Not comparable: {obstacle}." if obstacle else "The same pictures.",
        protocols=tuple(
            f"{published.name}, {published_header(published)}: {published.protocol}"
            for published in tables
        ),
        source=publication.source,
    )


def answering(metric: str, metrics: Sequence[MetricFacts]) -> list[MetricFacts]:
    """The measured columns of a published metric; all variants of one that was not told apart."""
    exact = [facts for facts in metrics if facts.column == metric]
    return exact or [facts for facts in metrics if facts.column.startswith(f"{metric}_")]


def published_header(published: PublishedTable) -> str:
    """The metric as tables call it."""
    known = METRICS.get(published.metric)
    return formats.header(known) if known else published.metric.upper()


def precision(published: PublishedTable) -> str:
    """As many decimals as papers print."""
    known = METRICS.get(published.metric)
    return ".2f" if known and known.unit == "dB" else ".4f"


def suite_of(results: Results) -> Mapping[str, Any]:
    """The suite that the run was made under; empty where that is not on record."""
    suite = results.run.get("suite")
    return suite if isinstance(suite, dict) else {}
