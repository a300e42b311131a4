"""Everything that the rows of a results folder say, computed once: what tables, plots and the
page show, they only format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bench.analysis.common_images import CommonImages, doubts_of, on_common_images
from bench.analysis.curves import Curve, curves_of
from bench.analysis.factors import factor_lines
from bench.analysis.ranking import Lineup, columns_of, leading_of, line_up
from bench.analysis.reproduction import Literature, literature_of
from bench.analysis.summary import Line, by_table, lines_of
from bench.core.grouping import grouped
from bench.core.rows import Row, TableKey
from bench.metrics.facts import MetricFacts
from bench.results.cautions import CautionKind
from bench.results.results import FactorLine, Results


@dataclass(frozen=True)
class TableAnalysis:
    """One split at one scale through one operator."""

    rows: tuple[Row, ...]
    whole: Lineup  # each method over the images that it restored
    common: CommonImages  # the methods over the same images; the same where all restored all
    factors: tuple[FactorLine, ...]
    curves: tuple[Curve, ...]  # of optimisations, methods in the order of the rows
    literature: tuple[Literature, ...]

    @property
    def doubts(self) -> Mapping[str, str]:
        """Metric column to why the metric is not to be trusted here."""
        return doubts_of(self.whole)

    @property
    def key(self) -> TableKey:
        """What the rows have in common."""
        return self.whole.table


@dataclass(frozen=True)
class Analysis:
    """All tables of a results folder, in the order of the rows."""

    results: Results  # with the factors that its rows come to
    tables: tuple[TableAnalysis, ...]
    metrics: tuple[MetricFacts, ...]  # that any line has
    leading: MetricFacts | None  # of all tables together; None of none to be trusted in all

    @property
    def doubts(self) -> Mapping[str, str]:
        """Metric column to why the metric is not to be trusted, in whichever tables."""
        found = grouped(doubt for table in self.tables for doubt in table.doubts.items())
        return {column: "; ".join(doubts) for column, doubts in found.items()}

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every method of every table, over the images that it restored."""
        return tuple(line for table in self.tables for line in table.whole.lines)

    @property
    def side_by_side(self) -> tuple[Line, ...]:
        """The methods of every table, over images in common."""
        return tuple(line for table in self.tables for line in table.common.lineup.lines)

    @property
    def by_key(self) -> Mapping[TableKey, TableAnalysis]:
        """The tables by what their rows have in common."""
        return {table.key: table for table in self.tables}


def analyse(results: Results) -> Analysis:
    """All that the rows say."""
    results = replace(results, factors=results.factors or factor_lines(results))
    tables = tuple(table_of(tuple(rows), results) for rows in by_table(results.rows).values())
    lines = [line for table in tables for line in table.whole.lines]
    metrics = columns_of(lines, results.metrics)
    shared = [line for table in tables for line in table.common.lineup.lines]
    doubted = {column for table in tables for column in table.doubts}
    trusted = [f for f in columns_of(shared, results.metrics) if f.column not in doubted]
    return Analysis(results, tables, tuple(metrics), leading_of(trusted))


def doubts_on(table: TableKey, results: Results) -> dict[str, str]:
    """Metric column to what the sanity check has against the metric in that table."""
    found = grouped(
        (caution.metric, caution.text)
        for caution in results.cautions
        if caution.kind is CautionKind.SANITY and caution.metric and caution.table == table
    )
    return {column: "; ".join(texts) for column, texts in found.items()}


def table_of(rows: tuple[Row, ...], results: Results) -> TableAnalysis:
    """The table that these rows are."""
    whole = line_up(lines_of(rows, results), results.metrics, doubts_on(rows[0].table, results))
    return TableAnalysis(
        rows=rows,
        whole=whole,
        common=on_common_images(whole, rows, results),
        factors=tuple(line for line in results.factors if line.table == whole.table),
        curves=curves_of(rows, results.metrics),
        literature=literature_of(whole.lines, results),
    )
