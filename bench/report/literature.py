"""Published figures beside the measured ones, with what stands between them."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.metrics.registry import MetricFacts
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
    """A row for each method and whoever measured it; each published column is followed by the
    measured ones that answer to it."""
    titles = {published.metric: published.title for published in tables}
    answers = {metric: answering(metric, results.metrics, titles) for metric in titles}
    headers = ["method"]
    for metric, title in titles.items():
        headers += [f"{title}, published"]
        headers += [f"{formats.header(facts)}, measured" for facts in answers[metric]]
    measured = {line.method: line for line in lines}
    values = {
        (method, published.by, published.metric): value
        for published in tables
        for method, value in published.values[split].items()
    }
    rows = []
    for method, by in dict.fromkeys((method, by) for method, by, _ in values):
        name = publication.name_of(method, results.titles)
        row = [f"{name} ({by})" if by else name]
        scores = measured[method].metrics if method in measured else {}
        for metric in titles:
            row.append(figure(metric, values.get((method, by, metric))))
            row += [
                " ".join(formats.score(facts, scores.get(facts.column))).rstrip()
                for facts in answers[metric]
            ]
        rows.append(tuple(row))
    obstacle = publication.obstacle(split, suite_of(results))
    return LiteratureTable(
        title=publication.title,
        headers=tuple(headers),
        rows=tuple(rows),
        comparability=f"Not comparable: {obstacle}." if obstacle else "The same pictures.",
        protocols=tuple(protocol(published) for published in tables),
        source=publication.source,
    )


def answering(
    metric: str, metrics: Sequence[MetricFacts], published: Container[str]
) -> list[MetricFacts]:
    """The measured column of a published metric; of one whose variant was not stated, every
    variant that is not published beside it."""
    return [
        facts
        for facts in metrics
        if facts.column == metric
        or (facts.column.startswith(f"{metric}_") and facts.column not in published)
    ]


def figure(metric: str, value: float | None) -> str:
    """A published value with as many decimals as papers print."""
    if value is None:
        return formats.NOTHING
    return f"{value:.2f}" if metric.endswith("_db") else f"{value:.4f}"


def protocol(published: PublishedTable) -> str:
    """Where the figures stand and how they were made."""
    by = f", {published.by}" if published.by else ""
    return f"{published.title}, {published.name}{by}: {published.protocol}"


def suite_of(results: Results) -> Mapping[str, Any]:
    """The suite that the run was made under; empty where that is not on record."""
    suite = results.run.get("suite")
    return suite if isinstance(suite, dict) else {}
