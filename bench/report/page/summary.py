"""The summary table of the page: all splits in one, each a block of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.analysis.common_lines import Comparable
from bench.analysis.ranking import leading_metric, ranked
from bench.analysis.summary import Line, Table
from bench.metrics.facts import MetricFacts
from bench.report import formats
from bench.report.names import display_names
from bench.report.page.leaders import Leaders, leaders_of
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


def blocks(
    tables: Mapping[Table, Sequence[Line]],
    comparable: Mapping[Table, Comparable],
    metrics: Sequence[MetricFacts],
) -> Iterator[Block]:
    """Every table as a block, followed where its methods restored different images by one over
    those that all restored; all blocks have the columns `metrics`."""
    for table, lines in tables.items():
        facts = summary_table(table, lines, metrics)
        shared = comparable[table]
        block = Block(
            title=facts.title,
            split=table.split,
            images=count(lines[0].n),
            operator=table.operator,
            rows=tuple(page_rows(table, lines, metrics)),
            absences=facts.absences,
            seeds=tuple(seed_rows(lines, metrics)),
        )
        if shared.is_whole:
            yield with_pairs(block, lines, metrics)
            continue
        yield block
        names = display_names(lines)
        common = Block(
            title=f"{facts.title}, images in common",
            split=table.split,
            images=f"{shared.images} of {count(shared.of)}, which all of these restored",
            operator=table.operator,
            rows=tuple(page_rows(table, shared.lines, metrics)),
            is_common=True,
            left_out=tuple(names[method] for method in shared.left_out),
        )
        yield with_pairs(common, shared.lines, metrics)


def count(images: int) -> str:
    """Such as `12 images`."""
    return f"{images} image" + ("" if images == 1 else "s")


def with_pairs(block: Block, lines: Sequence[Line], metrics: Sequence[MetricFacts]) -> Block:
    """The block with every pair of its methods by the leading metric."""
    leading = leading_metric(lines, metrics)
    if leading is None:
        return block
    return replace(block, pairs=tuple(all_pairs(lines, leading)), pairs_by=leading.title)


def page_rows(
    table: Table, lines: Sequence[Line], metrics: Sequence[MetricFacts]
) -> Iterator[PageRow]:
    """The methods, best first by the leading metric."""
    leaders = leaders_of({table: lines}, metrics)
    spans = {facts.column: span(lines, facts.column) for facts in metrics}
    for line in ranked(lines, leading_metric(lines, metrics)):
        scores = (
            score_cell(line, facts, leaders.get((table, facts.column)), spans[facts.column])
            for facts in metrics
        )
        yield PageRow(line.method, tuple(scores), cost_cells(line))


def score_cell(
    line: Line, facts: MetricFacts, leaders: Leaders | None, ends: tuple[float, float]
) -> PageCell:
    """A mean with its interval, drawn and written."""
    interval = line.metrics.get(facts.column)
    if interval is None:
        return PageCell(formats.NOTHING)
    if facts.column in line.partial:
        return PageCell(formats.NOTHING, is_partial=True)
    best, tied = (leaders.best, leaders.tied) if leaders else ((), ())
    standing = "best" if line.method in best else "tied" if line.method in tied else ""
    text, detail = formats.score(facts, interval)
    whisker = None
    if interval.low is not None and interval.high is not None and ends[1] > ends[0]:
        low, mean, high = (
            round(100 * (value - ends[0]) / (ends[1] - ends[0]), 1)
            for value in (interval.low, interval.mean, interval.high)
        )
        whisker = Whisker(mean, low, high)
    return PageCell(text, detail, interval.mean, standing, whisker=whisker)


def span(lines: Sequence[Line], column: str) -> tuple[float, float]:
    """The lowest and the highest bound of the column."""
    found = [
        line.metrics[column]
        for line in lines
        if column in line.metrics and column not in line.partial
    ]
    low = [interval.mean if interval.low is None else interval.low for interval in found]
    high = [interval.mean if interval.high is None else interval.high for interval in found]
    return min(low, default=0.0), max(high, default=0.0)


def cost_cells(line: Line) -> tuple[PageCell, ...]:
    """What the method costs, and its coverage."""
    values = (line.latency_s, line.peak_mem_bytes, line.parameters, line.macs, line.coverage)
    return tuple(
        PageCell(cell.text, cell.detail, None if value is None else float(value))
        for cell, value in zip(costs(line), values, strict=True)
    )
