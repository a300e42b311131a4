"""The summary table of a split, as text in cells: what Markdown and the page both show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.analysis.ranking import Lineup, Ranking
from bench.analysis.summary import Absence, Line
from bench.core.grouping import grouped
from bench.core.rows import RowState
from bench.metrics.facts import MetricFacts
from bench.report import formats
from bench.report.formats import PARTIAL, TIED
from bench.report.names import display_names
from bench.report.tables.timing_notes import BESIDE, is_beside_others, timed_lines, timing_notes
from bench.stats import FEWEST

COST_HEADERS = ("latency", "memory (MiB)", "parameters (M)", "MACs (G)", "images")
MOST_REASONS = 5  # of one method in one table; the others stand in rows.csv


@dataclass(frozen=True)
class Header:
    """A metric's column, and everything that changes its numbers."""

    text: str
    protocol: str


@dataclass(frozen=True)
class Cell:
    """A number, and how sure it is or how it spreads, which may be unsaid."""

    text: str
    detail: str = ""  # in brackets
    is_best: bool = False
    is_tied: bool = False  # not told apart from the best
    is_partial: bool = False  # over fewer images than others of its column: no number is shown
    group: int | None = None  # tie group, 1 the best; None where nothing is ranked


@dataclass(frozen=True)
class SummaryTable:
    """All that is said of one split at one scale."""

    title: str
    operator: str
    headers: tuple[Header, ...]
    rows: tuple[tuple[str, tuple[Cell, ...], tuple[Cell, ...]], ...]  # method, scores, costs
    remarks: tuple[str, ...]  # how to read it
    doubts: tuple[str, ...]  # of metrics that are not to be trusted here
    absences: tuple[str, ...]  # what is missing and why, with the command that helps
    timing: tuple[str, ...] = ()  # the conditions of the times
    rankings: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()  # header, tie groups


def summary_table(lineup: Lineup) -> SummaryTable:
    """The table of these methods, best first by the leading metric."""
    names = display_names(lineup.lines)
    return SummaryTable(
        title=lineup.table.title,
        operator=lineup.table.operator,
        headers=tuple(header_of(ranking) for ranking in lineup.rankings.values()),
        rows=tuple(
            (
                names[line.method],
                tuple(score_cell(line, ranking) for ranking in lineup.rankings.values()),
                costs(line),
            )
            for line in lineup.best_first
        ),
        remarks=tuple(remarks(lineup)),
        doubts=tuple(doubts(lineup)),
        absences=tuple(absences(lineup, names)),
        timing=tuple(timing_notes(timed_lines(lineup.lines, names))),
        rankings=tuple(
            (
                formats.header(found.metric),
                tuple(tuple(names[method] for method in group) for group in found.groups),
            )
            for found in lineup.rankings.values()
            if found.groups
        ),
    )


def header_of(ranking: Ranking) -> Header:
    """The head of a metric's column."""
    mark = f" {formats.DOUBTED}" if ranking.doubt else ""
    return Header(formats.header(ranking.metric) + mark, ranking.metric.protocol)


def score_cell(line: Line, ranking: Ranking) -> Cell:
    """A method's mean in the column of a metric."""
    facts, scores = ranking.metric, line.scores
    if facts.column in scores.partial:
        return Cell(formats.NOTHING, is_partial=True)
    return Cell(
        *formats.score(facts, scores.means.get(facts.column)),
        is_best=line.method in ranking.best,
        is_tied=line.method in ranking.tied,
        group=scores.groups.get(facts.column),
    )


def costs(line: Line) -> tuple[Cell, ...]:
    """What the method costs, and how many images it restored."""
    coverage, spent = line.coverage, line.costs
    seeds = f", {coverage.seeds} seeds" if coverage.seeds > 1 else ""
    text, detail = formats.latency(spent.latency_s, spent.latency_quartiles_s)
    return (
        Cell(text + BESIDE * is_beside_others(spent.timed), detail),
        Cell(formats.mebibytes(spent.peak_mem_bytes)),
        Cell(formats.millions(spent.parameters)),
        Cell(formats.billions(spent.macs)),
        Cell(f"{coverage.ok}/{coverage.images}{seeds}"),
    )


def remarks(lineup: Lineup) -> Iterator[str]:
    """What a reader must know before comparing the numbers."""
    lines, rankings = lineup.lines, lineup.rankings.values()
    if not rankings:
        yield "Nothing was measured."
        return
    order = f"Best first by {lineup.leading.title}" if lineup.leading else "In the order of the run"
    yield f"{order}; the best mean of each column is set bold."
    yield from doubts(lineup)
    if any(ranking.tied for ranking in rankings):
        yield f"{TIED} not told apart from the best of its column."
    if any(interval.n < FEWEST for line in lines for interval in line.scores.means.values()):
        yield f"Fewer than {FEWEST} images have no interval, no test and no tie groups."
    if any(ranking.is_powerless for ranking in rankings):
        yield "So few images cannot tell so many methods apart, however much they differ."
    if any(line.scores.partial for line in lines):
        yield (
            f"{PARTIAL} scored on fewer images than others of its column: that mean would not "
            "compare, and stands in summary.csv with its number of images."
        )


def doubts(lineup: Lineup) -> Iterator[str]:
    """What the sanity check has against metrics of this table."""
    for ranking in lineup.rankings.values():
        if ranking.doubt:
            yield f"{formats.DOUBTED} not to be trusted, and never first: {ranking.doubt}."


def absences(lineup: Lineup, names: Mapping[str, str]) -> Iterator[str]:
    """What is missing of the table, methods with the same reason together."""
    reasons = grouped(
        (reason, names[line.method])
        for line in lineup.lines
        for reason in reasons_of(line, lineup.defined)
    )
    for reason, methods in reasons.items():
        yield f"{', '.join(methods)}: {reason}"


def reasons_of(line: Line, metrics: Sequence[MetricFacts]) -> Iterator[str]:
    """Why rows of a method, or scores of its rows, are missing."""
    coverage = line.coverage
    whole = coverage.images * coverage.seeds
    of_rows = f"of {coverage.rows} rows" if coverage.seeds > 1 else f"of {coverage.images} images"
    if coverage.unreached > 0:
        yield f"{coverage.unreached} of {whole} not run"
    yield from shortened(f"{a.rows} {of_rows} {words(a)}" for a in coverage.absences)
    for facts in metrics:
        yield from shortened(
            f"{facts.title} missing on {absence.rows} {of_rows}: {absence.reason}"
            for absence in line.scores.unscored.get(facts.column, ())
        )


def words(absence: Absence) -> str:
    """Such as `failed: the method returned 1 value that is no number`."""
    state = "out of memory" if absence.state is RowState.OUT_OF_MEMORY else absence.state.value
    return f"{state}: {absence.reason}" if absence.reason else state


def shortened(reasons: Iterable[str]) -> Iterator[str]:
    """The first few, and how many more there are."""
    every = list(reasons)
    yield from every[:MOST_REASONS]
    if len(every) > MOST_REASONS:
        yield f"{len(every) - MOST_REASONS} more reasons in rows.csv"
