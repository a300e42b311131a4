"""Published figures against measured ones: the difference, and whether it may be drawn at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bench.analysis.cost_shares import CostShare, cost_shares
from bench.analysis.published import Publication, PublishedTable, publications
from bench.analysis.summary import Line
from bench.core.rows import Subject, TableKey
from bench.metrics.facts import MetricFacts
from bench.results.results import Results
from bench.stats import Agreement, Interval, rank_agreement


class ReproductionVerdict(StrEnum):
    """What a measured value says of a published one."""

    REPRODUCED = "reproduced"  # as near as the tolerance that the publication's file states
    DIFFERS = "differs"
    NOT_COMPARABLE = "not comparable"  # other pictures, another protocol or network
    NOT_RUN = "not run"  # nothing was measured


@dataclass(frozen=True)
class Reproduction:
    """One published figure beside one measured value that answers to it."""

    published_table: PublishedTable
    method: str
    published: float
    metric: MetricFacts | None  # the measured column; None where the run has none
    measured: Interval | None
    difference: float | None  # measured - published, of the same pictures only
    verdict: ReproductionVerdict
    reason: str  # why it is not comparable or not run; empty otherwise


@dataclass(frozen=True)
class OrderAgreement:
    """Whether a published column and a measured one put the methods in the same order."""

    published_table: PublishedTable
    metric: MetricFacts
    methods: tuple[str, ...]
    agreement: Agreement


@dataclass(frozen=True)
class Literature:
    """The figures of one publication beside those of a measured table."""

    publication: Publication
    tables: tuple[PublishedTable, ...]  # that have figures of the split at the scale
    obstacle: str  # why no figure may be held against a measured one; empty if some may
    figures: tuple[Reproduction, ...]
    orders: tuple[OrderAgreement, ...]
    shares: tuple[CostShare, ...]


def literature_of(lines: Sequence[Line], results: Results) -> tuple[Literature, ...]:
    """Every publication that has figures of the split and scale of these lines."""
    table = lines[0].table
    return tuple(
        Literature(
            publication=publication,
            tables=tuple(tables),
            obstacle=obstacle_of(publication, table, results) if tables else "",
            figures=tuple(reproductions(publication, table, lines, results)),
            orders=tuple(order_agreements(publication, table, lines, results)),
            shares=shares,
        )
        for publication in publications()
        for tables in [tables_of(publication, table)]
        for shares in [tuple(cost_shares(publication, lines))]
        if tables or shares
    )


def tables_of(publication: Publication, table: TableKey) -> list[PublishedTable]:
    """Its tables that have figures of this split at this scale."""
    return [t for t in publication.table if t.scale == table.scale and table.split in t.values]


def reproductions(
    publication: Publication, table: TableKey, lines: Sequence[Line], results: Results
) -> Iterator[Reproduction]:
    """Every published figure of the table's split and scale, with each value that answers to it."""
    tables = tables_of(publication, table)
    measured = {line.method: line for line in lines}
    obstacle = obstacle_of(publication, table, results) if tables else ""
    for published in tables:
        columns = answering(published, tables, results.metrics)
        for method in published.values[table.split]:
            own = obstacle or not_the_papers(Subject(method, table.split, table.scale), results)
            for facts in columns or (None,):
                line = measured.get(method)
                yield reproduction(publication, published, table.split, method, line, facts, own)


def reproduction(
    publication: Publication,
    published: PublishedTable,
    split: str,
    method: str,
    line: Line | None,
    facts: MetricFacts | None,
    obstacle: str,
) -> Reproduction:
    """One figure with its verdict.

    line: the method's in the run; facts: the measured column; None where there is none.
    obstacle: why no figure of the split is comparable; empty if some are.
    """
    interval = line.scores.means.get(facts.column) if line and facts else None
    figure = published.values[split][method]
    bare = Reproduction(
        published, method, figure, facts, None, None, ReproductionVerdict.NOT_RUN, ""
    )
    if interval is None:
        return replace(bare, reason=why_not_run(line, facts))
    count = publication.counts.get(split, interval.n)
    if not obstacle and interval.n < count:
        obstacle = f"over {interval.n} of the {count} pictures"
    if obstacle:
        verdict = ReproductionVerdict.NOT_COMPARABLE
        return replace(bare, measured=interval, verdict=verdict, reason=obstacle)
    difference = interval.mean - figure
    found = replace(bare, measured=interval, difference=difference)
    if question := publication.models.get(method) or open_question(published):
        return replace(found, verdict=ReproductionVerdict.NOT_COMPARABLE, reason=question)
    near = published.tolerance is not None and abs(difference) <= published.tolerance
    return replace(
        found, verdict=ReproductionVerdict.REPRODUCED if near else ReproductionVerdict.DIFFERS
    )


def not_the_papers(subject: Subject, results: Results) -> str:
    """Why a method as it was measured is not that of its paper: by its settings, or by weights of
    which nothing is known. Empty if nothing of the kind is on record."""
    found = next((m for m in results.measured if m.subject == subject), None)
    if found is None:
        return ""
    unknown = [file.file for file in found.files if not file.card]
    told = [f"settings: {', '.join(found.settings)}"] if found.settings else []
    told += [f"weights of the user's own: {', '.join(unknown)}"] if unknown else []
    return "; ".join(told)


def order_agreements(
    publication: Publication, table: TableKey, lines: Sequence[Line], results: Results
) -> Iterator[OrderAgreement]:
    """How far published and measured values put the methods in the same order, for each pair of
    columns with at least two methods in both; means over fewer images than others' do not count.

    An order may agree where values do not compare: other pictures move all methods together.
    """
    tables = tables_of(publication, table)
    for published in tables:
        figures = published.values[table.split]
        for facts in answering(published, tables, results.metrics):
            means = {
                line.method: line.scores.means[facts.column].mean
                for line in lines
                if facts.column in line.scores.means and facts.column not in line.scores.partial
            }
            methods = tuple(method for method in figures if method in means)
            agreement = rank_agreement([figures[m] for m in methods], [means[m] for m in methods])
            if agreement:
                yield OrderAgreement(published, facts, methods, agreement)


def answering(
    published: PublishedTable, beside: Sequence[PublishedTable], metrics: Sequence[MetricFacts]
) -> tuple[MetricFacts, ...]:
    """The measured column of a published metric; of one whose variant was not stated, every
    variant that the same people did not publish beside it."""
    stated = {table.metric for table in beside if table.by == published.by}
    return tuple(
        facts
        for facts in metrics
        if facts.column == published.metric
        or (facts.column.startswith(f"{published.metric}_") and facts.column not in stated)
    )


def obstacle_of(publication: Publication, table: TableKey, results: Results) -> str:
    """Why no value of the table may be held against the publication's; empty if some may."""
    operator = f"downsample{table.scale}-{publication.kernel}-u8"
    if obstacle := publication.obstacle(table.split, suite_of(results)):
        return obstacle
    if table.operator.partition("#")[0] != operator:
        return f"the input was made by {table.operator}, not by {operator}"
    return ""


def why_not_run(line: Line | None, facts: MetricFacts | None) -> str:
    """Why there is no measured value."""
    if facts is None:
        return "no metric of this run answers to it"
    if line is None:
        return "not a method of this run"
    absences = (*line.coverage.absences, *line.scores.unscored.get(facts.column, ()))
    return headline(absences[0].reason) or absences[0].state.value if absences else "not scored"


def headline(reason: str) -> str:
    """A reason without the remedies in its brackets and clauses, which stand with the method."""
    return re.split(r" \(|[;:] ", reason, maxsplit=1)[0]


def open_question(published: PublishedTable) -> str:
    """What of the protocol was left open; empty if nothing was."""
    return "" if published.protocol_known else published.protocol


def suite_of(results: Results) -> Mapping[str, Any]:
    """The suite that the run was made under; empty where that is not on record."""
    suite = results.run.get("suite")
    return suite if isinstance(suite, dict) else {}
