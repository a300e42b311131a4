"""Published figures against measured ones: the difference, and whether it may be drawn at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bench.analysis.cost_shares import CostShare, cost_shares
from bench.analysis.published import Publication, PublishedTable, answering, publications
from bench.analysis.published_orders import PublishedOrder, published_orders
from bench.analysis.summary import Line
from bench.core.rows import Subject, TableKey
from bench.metrics.facts import MetricFacts
from bench.results.results import Results
from bench.stats import Interval


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
class Literature:
    """The figures of one publication beside those of a measured table."""

    publication: Publication
    tables: tuple[PublishedTable, ...]  # that have figures of the split at the scale
    obstacle: str  # why no figure may be held against a measured one; empty if some may
    figures: tuple[Reproduction, ...]
    orders: tuple[PublishedOrder, ...]
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
            orders=tuple(published_orders(publication, lines, results.metrics)),
            shares=shares,
        )
        for publication in publications()
        for tables in [publication.tables_of(table)]
        for shares in [tuple(cost_shares(publication, lines))]
        if tables or shares
    )


def reproductions(
    publication: Publication, table: TableKey, lines: Sequence[Line], results: Results
) -> Iterator[Reproduction]:
    """Every published figure of the table's split and scale, with each value that answers to it."""
    tables = publication.tables_of(table)
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
