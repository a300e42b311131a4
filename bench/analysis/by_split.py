"""Methods by splits: all splits of one scale in one table, as papers print it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.analysis.analysis import Analysis, TableAnalysis
from bench.analysis.ranking import Lineup, Ranking, columns_of
from bench.analysis.summary import MeanScores
from bench.core.grouping import grouped
from bench.core.rows import TableKey
from bench.metrics.facts import MetricFacts
from bench.stats import Interval

LEAST_FOR_A_SECOND = 3  # methods that compete: of two, the second best is the worst


@dataclass(frozen=True)
class Score:
    """The mean of a method on one split by one metric, and its standing there."""

    interval: Interval
    is_best: bool = False
    is_second: bool = False
    is_tied: bool = False  # not told apart from the best
    is_partial: bool = False  # over fewer images than others of its column: it competes with none


@dataclass(frozen=True)
class MethodLine:
    """A method across the splits."""

    method: str
    title: str
    scores: Mapping[TableKey, Mapping[str, Score]]  # by metric column; a split may be missing

    @property
    def is_partial(self) -> bool:
        """Whether any of its means is over fewer images than others of its column."""
        return any(s.is_partial for found in self.scores.values() for s in found.values())


@dataclass(frozen=True)
class SplitTable:
    """All splits at one scale through one operator."""

    scale: int
    operator: str  # name#digest
    is_one_of_several: bool  # whether other operators have tables of this scale
    splits: tuple[TableKey, ...]
    images: Mapping[TableKey, int]
    metrics: tuple[MetricFacts, ...]  # what each cell shows, in this order
    lines: tuple[MethodLine, ...]  # in the order asked for; partial ones last
    doubts: Mapping[str, str]  # metric column to why it is not to be trusted in some split


def split_tables(
    analysis: Analysis,
    metrics: Sequence[MetricFacts],
    order: MetricFacts | None,
    *,
    common: bool = False,
) -> Iterator[SplitTable]:
    """A table for each scale and operator; none for those where no metric was measured.

    order: methods stand in the order of their mean place by this metric; None: as they were run.
    common: each split over the images that all its methods restored.
    """
    scales = grouped(((table.key.scale, table.key.operator), table) for table in analysis.tables)
    for (scale, operator), tables in scales.items():
        lineups = {table.key: lineup_of(table, common=common) for table in tables}
        measured = columns_of([line for it in lineups.values() for line in it.lines], metrics)
        if not measured:
            continue
        doubts = {
            column: doubt
            for table in tables
            for column, doubt in table.doubts.items()
            if any(column == facts.column for facts in measured)
        }
        yield SplitTable(
            scale=scale,
            operator=operator,
            is_one_of_several=sum(scale == other for other, _ in scales) > 1,
            splits=tuple(lineups),
            images={key: lineup.images for key, lineup in lineups.items()},
            metrics=tuple(measured),
            lines=tuple(sorted(method_lines(lineups, measured), key=places(lineups, order))),
            doubts=doubts,
        )


def lineup_of(table: TableAnalysis, *, common: bool) -> Lineup:
    """The methods over whichever images each restored, or over those that all did."""
    return table.common.lineup if common else table.whole


def method_lines(
    lineups: Mapping[TableKey, Lineup], metrics: Sequence[MetricFacts]
) -> Iterator[MethodLine]:
    """Every method that was measured on any split, in the order of the run."""
    found = grouped((line.method, (key, line)) for key, it in lineups.items() for line in it.lines)
    for method, lines in found.items():
        scores = {
            key: {
                facts.column: score_of(method, lineups[key].rankings[facts.column])
                for facts in metrics
                if facts.column in line.scores.means
            }
            for key, line in lines
        }
        if any(scores.values()):
            yield MethodLine(method, lines[0][1].title, scores)


def score_of(method: str, ranking: Ranking) -> Score:
    """The standing of a method that has the metric."""
    column = ranking.metric.column
    line = next(line for line in ranking.lines if line.method == method)
    if column in line.scores.partial:
        return Score(line.scores.means[column], is_partial=True)
    return Score(
        line.scores.means[column],
        is_best=method in ranking.best,
        is_second=method == second_of(ranking),
        is_tied=method in ranking.tied,
    )


def second_of(ranking: Ranking) -> str | None:
    """The method with the best mean behind the best; None where too few compete."""
    competing = [line.method for line in ranking.lines if is_in_full(line.scores, ranking)]
    if len(competing) < LEAST_FOR_A_SECOND:
        return None
    return next((method for method in competing if method not in ranking.best), None)


def is_in_full(scores: MeanScores, ranking: Ranking) -> bool:
    """Whether a method's mean competes: over the same images as the others of its column."""
    return ranking.metric.column in scores.means and ranking.metric.column not in scores.partial


def places(
    lineups: Mapping[TableKey, Lineup], order: MetricFacts | None
) -> Callable[[MethodLine], tuple[bool, float]]:
    """What methods are sorted by: partial ones last, then the mean place by the metric."""
    found = [
        [line.method for line in ranking.lines if order.column in line.scores.means]
        for it in lineups.values()
        if order and (ranking := it.rankings.get(order.column))
    ]

    def key(line: MethodLine) -> tuple[bool, float]:
        own = [
            of_split.index(line.method) / len(of_split)  # splits differ in how many compete
            for of_split in found
            if line.method in of_split
        ]
        nowhere = math.inf if order else 0.0
        return line.is_partial, fmean(own) if own else nowhere

    return key
