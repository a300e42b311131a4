"""Methods by splits as text: what Markdown, LaTeX and the page format alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.analysis.analysis import Analysis
from bench.analysis.by_split import MethodLine, Score, SplitTable, split_tables
from bench.core.rows import TableKey
from bench.metrics.facts import MetricFacts, Role, of_role
from bench.report import formats
from bench.report.formats import DOUBTED, TIED
from bench.report.names import distinct_names


@dataclass(frozen=True)
class Piece:
    """One mean in a cell."""

    text: str
    interval: str = ""  # such as `[22.29, 22.98]`
    is_best: bool = False
    is_second: bool = False
    is_tied: bool = False


@dataclass(frozen=True)
class SplitCell:
    """The means of a method on a split, one a metric; none where it was not measured."""

    pieces: tuple[Piece, ...]
    images: str = ""  # such as `(12)`: how many images, where they are fewer than others'


@dataclass(frozen=True)
class SplitTexts:
    """A table as text."""

    title: str
    splits: tuple[str, ...]
    rows: tuple[tuple[str, tuple[SplitCell, ...]], ...]  # method, a cell for each split
    remarks: tuple[str, ...]
    protocols: tuple[tuple[str, str], ...]  # header of a metric, and what changes its numbers


def default_columns(analysis: Analysis) -> tuple[MetricFacts, ...]:
    """The first metric of fidelity and the leading one: PSNR / LPIPS, as papers have them."""
    wanted = (*of_role(Role.FIDELITY, analysis.metrics)[:1], analysis.leading)
    return tuple(dict.fromkeys(facts for facts in wanted if facts)) or analysis.metrics[:1]


def report_tables(analysis: Analysis) -> tuple[list[SplitTable], list[SplitTable]]:
    """What a report shows of several splits: the default columns in one table, and a table for
    each metric; none of a single split, whose own table says it all."""

    def tables(*metrics: MetricFacts) -> Iterator[SplitTable]:
        found = split_tables(analysis, metrics, analysis.leading)
        return (table for table in found if len(table.splits) > 1)

    joint = list(tables(*default_columns(analysis)))
    each = [table for facts in analysis.metrics for table in tables(facts)]
    return joint, each


def texts_of(table: SplitTable) -> SplitTexts:
    """The table as text, as its metrics stand in it."""
    names = distinct_names({line.method: line.title for line in table.lines})
    headers = [
        formats.header(facts) + DOUBTED * (facts.column in table.doubts) for facts in table.metrics
    ]
    through = f" through {table.operator.partition('#')[0]}" if table.is_one_of_several else ""
    return SplitTexts(
        title=f"{table.scale}x{through}, {' / '.join(headers)}",
        splits=tuple(key.split for key in table.splits),
        rows=tuple(
            (names[line.method], tuple(cell_of(line, key, table) for key in table.splits))
            for line in table.lines
        ),
        remarks=tuple(remarks(table)),
        protocols=tuple(
            (header, facts.protocol) for header, facts in zip(headers, table.metrics, strict=True)
        ),
    )


def cell_of(line: MethodLine, key: TableKey, table: SplitTable) -> SplitCell:
    """The means of a method on a split."""
    found = line.scores.get(key, {})
    if not found:
        return SplitCell(())
    partial = [score.interval.n for score in found.values() if score.is_partial]
    return SplitCell(
        tuple(piece_of(facts, found.get(facts.column)) for facts in table.metrics),
        f"({min(partial)})" if partial else "",
    )


def piece_of(facts: MetricFacts, score: Score | None) -> Piece:
    """One mean; a dash where the metric has none."""
    if score is None:
        return Piece(formats.NOTHING)
    text, interval = formats.score(facts, score.interval)
    return Piece(text, interval, score.is_best, score.is_second, score.is_tied)


def remarks(table: SplitTable) -> Iterator[str]:
    """How to read it."""
    scores = [s for line in table.lines for found in line.scores.values() for s in found.values()]
    images = dict.fromkeys(table.images.values())
    if len(images) == 1:
        yield f"Means over {next(iter(images))} images of each split."
    else:
        counts = (f"{key.split} {count}" for key, count in table.images.items())
        yield f"Means over the images of each split: {', '.join(counts)}."
    if any(score.is_tied for score in scores):
        yield f"{TIED} not told apart from the best of its column."
    if any(line.is_partial for line in table.lines):
        yield "In parentheses: the number of images of a mean over fewer; it competes with none."
    for facts in table.metrics:
        if doubt := table.doubts.get(facts.column):
            yield f"{DOUBTED} {facts.title} is not to be trusted: {doubt}."
