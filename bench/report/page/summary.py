"""The summary table of the page: all splits in one, each a block of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bench.analysis.analysis import Analysis
from bench.analysis.ranking import Lineup, Ranking
from bench.analysis.summary import Line
from bench.metrics.facts import MetricFacts
from bench.report import formats
from bench.report.names import display_names
from bench.report.tables.pairwise import PairRow, all_pairs
from bench.report.tables.seeds import SeedRow, seed_rows
from bench.report.tables.summary_table import costs, summary_table


@dataclass(frozen=True)
class Whisker:
    """Where mean and interval lie between the worst and the best bound of the column, in %."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class PageCell:
    """A number with all that is shown around it."""

    text: str
    detail: str = ""
    value: float | None = None  # to sort by
    standing: str = ""  # "best", "tied" or neither
    is_partial: bool = False  # over fewer images than others of its column: no number is shown
    whisker: Whisker | None = None
    doubt: str = ""  # why the metric is not to be trusted in this table


@dataclass(frozen=True)
class PageRow:
    """A method in a block."""

    method: str
    scores: tuple[PageCell, ...]
    costs: tuple[PageCell, ...]


@dataclass(frozen=True)
class Block:
    """One split at one scale: over all images, or over those that all its methods restored."""

    title: str
    split: str
    images: str  # such as `11 of 12 images`
    operator: str
    rows: tuple[PageRow, ...]
    absences: tuple[str, ...] = ()  # what is missing and why, with the command that helps
    pairs: tuple[PairRow, ...] = ()  # by the leading metric
    pairs_by: str = ""  # that metric
    seeds: tuple[SeedRow, ...] = ()
    is_common: bool = False
    left_out: tuple[str, ...] = ()  # names of methods that restored too few images


def blocks(analysis: Analysis) -> Iterator[Block]:
    """Every table as a block, followed where its methods restored different images by one over
    those that all restored; all blocks have the columns of the whole run."""
    for table in analysis.tables:
        whole, common, shown = table.whole, table.common, summary_table(table.whole)
        block = Block(
            title=table.key.title,
            split=table.key.split,
            images=count(whole.images),
            operator=table.key.operator,
            rows=tuple(page_rows(whole, analysis.metrics)),
            absences=(*shown.timing, *shown.absences),
            seeds=tuple(seed_rows(whole)),
        )
        if common.is_whole:
            yield with_pairs(block, whole)
            continue
        yield block
        names = display_names(whole.lines)
        shared = Block(
            title=f"{table.key.title}, images in common",
            split=table.key.split,
            images=f"{common.images} of {count(common.of)}, which all of these restored",
            operator=table.key.operator,
            rows=tuple(page_rows(common.lineup, analysis.metrics)),
            is_common=True,
            left_out=tuple(names[method] for method in common.left_out),
        )
        yield with_pairs(shared, common.lineup)


def count(images: int) -> str:
    """Such as `12 images`."""
    return f"{images} image" + ("" if images == 1 else "s")


def with_pairs(block: Block, lineup: Lineup) -> Block:
    """The block with every pair of its methods by the leading metric."""
    if lineup.first is None:
        return block
    pairs = tuple(all_pairs(lineup.first))
    return replace(block, pairs=pairs, pairs_by=lineup.first.metric.title)


def page_rows(lineup: Lineup, metrics: Sequence[MetricFacts]) -> Iterator[PageRow]:
    """The methods that restored anything, best first by the leading metric."""
    spans = {facts.column: span(lineup.lines, facts.column) for facts in metrics}
    for line in lineup.best_first:
        if not (line.coverage.ok or line.scores.means):
            continue  # the list of what is missing says why
        scores = (
            score_cell(line, lineup.rankings.get(facts.column), spans[facts.column])
            for facts in metrics
        )
        yield PageRow(line.method, tuple(scores), cost_cells(line))


def score_cell(line: Line, ranking: Ranking | None, ends: tuple[float, float]) -> PageCell:
    """A mean with its interval, drawn and written."""
    interval = line.scores.means.get(ranking.metric.column) if ranking else None
    if ranking is None or interval is None:
        return PageCell(formats.NOTHING)
    if ranking.metric.column in line.scores.partial:
        return PageCell(formats.NOTHING, is_partial=True)
    is_best, is_tied = line.method in ranking.best, line.method in ranking.tied
    standing = "best" if is_best else "tied" if is_tied else ""
    text, detail = formats.score(ranking.metric, interval)
    whisker = None
    if interval.low is not None and interval.high is not None and ends[1] > ends[0]:
        low, mean, high = (
            round(100 * (value - ends[0]) / (ends[1] - ends[0]), 1)
            for value in (interval.low, interval.mean, interval.high)
        )
        whisker = Whisker(mean, low, high)
    return PageCell(text, detail, interval.mean, standing, whisker=whisker, doubt=ranking.doubt)


def span(lines: Sequence[Line], column: str) -> tuple[float, float]:
    """The lowest and the highest bound of the column."""
    found = [
        line.scores.means[column]
        for line in lines
        if column in line.scores.means and column not in line.scores.partial
    ]
    low = [interval.mean if interval.low is None else interval.low for interval in found]
    high = [interval.mean if interval.high is None else interval.high for interval in found]
    return min(low, default=0.0), max(high, default=0.0)


def cost_cells(line: Line) -> tuple[PageCell, ...]:
    """What the method costs, and its coverage."""
    spent = line.costs
    values = (spent.latency_s, spent.peak_mem_bytes, spent.parameters, spent.macs)
    return tuple(
        PageCell(cell.text, cell.detail, None if value is None else float(value))
        for cell, value in zip(costs(line), (*values, line.coverage.share), strict=True)
    )
