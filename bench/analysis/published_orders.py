"""Whether measured values put methods in the order that a publication puts them in.

An order may agree where values do not compare: other pictures move all methods together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.analysis.published import Publication, PublishedTable, answering
from bench.analysis.summary import Line
from bench.core.rows import TableKey
from bench.metrics.facts import Direction, MetricFacts, Role, of_role
from bench.stats import Agreement, rank_agreement


@dataclass(frozen=True)
class PublishedOrder:
    """Methods by a published column and by a measured one, each over the same images."""

    publication: Publication
    published_table: PublishedTable
    table: TableKey
    metric: MetricFacts  # the measured column
    published: Mapping[str, float]  # method to figure, the best first
    measured: Mapping[str, float]  # method to mean, the best first
    images: int
    agreement: Agreement


def published_orders(
    publication: Publication, lines: Sequence[Line], metrics: Sequence[MetricFacts]
) -> Iterator[PublishedOrder]:
    """For each pair of columns that at least two methods have, over the images that all of these
    restored: a search that was tried on a few pictures is compared on those."""
    table = lines[0].table
    tables = publication.tables_of(table)
    for published in tables:
        figures = published.values[table.split]
        for facts in answering(published, tables, metrics) or standing_in(published, metrics):
            means, images = on_common_images(lines, figures, facts.column)
            methods = [method for method in figures if method in means]
            agreement = rank_agreement([figures[m] for m in methods], [means[m] for m in methods])
            if agreement:
                yield PublishedOrder(
                    publication, published, table, facts,
                    best_first({m: figures[m] for m in methods}, facts), best_first(means, facts),
                    images, agreement,
                )  # fmt: skip


def standing_in(
    published: PublishedTable, metrics: Sequence[MetricFacts]
) -> tuple[MetricFacts, ...]:
    """What orders people as ArcFace does, where that is not to be had: the identity of rendered
    ones, say."""
    if published.metric != "arcface_cosine":
        return ()
    found = [facts for facts in of_role(Role.IDENTITY, metrics) if facts.better is Direction.HIGHER]
    return tuple(found[:1])


def on_common_images(
    lines: Sequence[Line], methods: Mapping[str, float], column: str
) -> tuple[dict[str, float], int]:
    """The means of those methods over the images that all of them have, and how many these are."""
    found = {
        line.method: line.scores.by_image[column]
        for line in lines
        if line.method in methods and line.scores.by_image.get(column)
    }
    images = set.intersection(*map(set, found.values())) if found else set()
    if not images:
        return {}, 0
    return {m: fmean(scores[i] for i in images) for m, scores in found.items()}, len(images)


def best_first(values: Mapping[str, float], facts: MetricFacts) -> dict[str, float]:
    """The methods in the order of their values."""
    ordered = sorted(values, key=values.__getitem__, reverse=facts.better is Direction.HIGHER)
    return {method: values[method] for method in ordered}
