"""Which method is best at what, and which others cannot be told from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.analysis.ranking import best, ranked, tied_with_best
from bench.analysis.summary import Line, Table
from bench.metrics.facts import MetricFacts
from bench.report.tables.summary_table import powerless


@dataclass(frozen=True)
class Leaders:
    """The best mean of a column, and whom it is not told apart from."""

    best: tuple[str, ...]  # methods; several where their means are equal
    tied: tuple[str, ...]  # in the first tie group with the best, best first
    is_told: bool  # False: too few images to tell a lead from chance

    @property
    def is_alone(self) -> bool:
        """Whether one method is told apart from every other it was compared with."""
        return self.is_told and len(self.best) == 1 and not self.tied


def leaders_of(
    tables: Mapping[Table, Sequence[Line]], metrics: Iterable[MetricFacts]
) -> dict[tuple[Table, str], Leaders]:
    """The leaders of every table and metric column in which at least two methods compete."""
    metrics = list(metrics)
    return {
        (table, facts.column): found
        for table, lines in tables.items()
        for facts in metrics
        if (found := lead(lines, facts)).best
    }


def lead(lines: Sequence[Line], facts: MetricFacts) -> Leaders:
    """The leaders of one column; nobody is best where fewer than two compete."""
    order = [line.method for line in ranked(lines, facts)]
    top, tied = best(lines, facts), tied_with_best(lines, facts)
    has_groups = any(facts.column in line.groups for line in lines)
    return Leaders(
        tuple(method for method in order if method in top),
        tuple(method for method in order if method in tied),
        has_groups and not powerless(lines, facts),
    )
