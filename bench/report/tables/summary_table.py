"""The summary table of a split, as text in cells: what Markdown and the page both show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.analysis.ranking import (
    best,
    columns_of,
    leading_metric,
    ranked,
    rankings,
    tied_with_best,
)
from bench.analysis.summary import Absence, Line, Table
from bench.core.rows import RowState
from bench.metrics.facts import MetricFacts
from bench.report import formats
from bench.report.names import display_names
from bench.stats import FEWEST, SIGNIFICANCE

COST_HEADERS = ("latency", "memory (MiB)", "parameters (M)", "MACs (G)", "images")
TIED, PARTIAL = "°", "†"
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
    absences: tuple[str, ...]  # what is missing and why, with the command that helps
    rankings: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()  # header, tie groups


def summary_table(
    table: Table, lines: Sequence[Line], metrics: Sequence[MetricFacts]
) -> SummaryTable:
    """The table of these lines, best first by the leading metric."""
    columns = columns_of(lines, metrics)
    winners = {facts.column: best(lines, facts) for facts in columns}
    tied = {facts.column: tied_with_best(lines, facts) for facts in columns}
    leading = leading_metric(lines, metrics)
    names = display_names(lines)
    rows = []
    for line in ranked(lines, leading):
        cells = tuple(
            Cell(formats.NOTHING, is_partial=True)
            if facts.column in line.partial
            else Cell(
                *formats.score(facts, line.metrics.get(facts.column)),
                is_best=line.method in winners[facts.column],
                is_tied=line.method in tied[facts.column],
                group=line.groups.get(facts.column),
            )
            for facts in columns
        )
        rows.append((names[line.method], cells, costs(line)))
    return SummaryTable(
        title=f"{table.split}, {table.scale}x",
        operator=table.operator,
        headers=tuple(Header(formats.header(facts), facts.protocol) for facts in columns),
        rows=tuple(rows),
        remarks=tuple(remarks(lines, metrics, leading)),
        absences=tuple(absences(lines, metrics, names)),
        rankings=tuple(
            (
                formats.header(found.metric),
                tuple(tuple(names[method] for method in group) for group in found.groups),
            )
            for found in rankings(lines, metrics)
        ),
    )


def costs(line: Line) -> tuple[Cell, ...]:
    """What the method costs, and how many images it restored."""
    images = f"{line.ok}/{line.n}" + (f", {line.seeds} seeds" if line.seeds > 1 else "")
    return (
        Cell(*formats.latency(line.latency_s, line.latency_quartiles_s)),
        Cell(formats.mebibytes(line.peak_mem_bytes)),
        Cell(formats.millions(line.parameters)),
        Cell(formats.billions(line.macs)),
        Cell(images),
    )


def remarks(
    lines: Sequence[Line], metrics: Sequence[MetricFacts], leading: MetricFacts | None
) -> Iterator[str]:
    """What a reader must know before comparing the numbers."""
    if leading is None:
        yield "Nothing was measured."
        return
    yield f"Best first by {leading.title}; the best mean of each column is set bold."
    if any(tied_with_best(lines, facts) for facts in columns_of(lines, metrics)):
        yield f"{TIED} not told apart from the best of its column."
    if any(interval.n < FEWEST for line in lines for interval in line.metrics.values()):
        yield f"Fewer than {FEWEST} images have no interval, no test and no tie groups."
    if any(powerless(lines, facts) for facts in columns_of(lines, metrics)):
        yield "So few images cannot tell so many methods apart, however much they differ."
    if any(line.partial for line in lines):
        yield (
            f"{PARTIAL} scored on fewer images than others of its column: that mean would not "
            "compare, and stands in summary.csv with its number of images."
        )


def powerless(lines: Sequence[Line], facts: MetricFacts) -> bool:
    """Whether not even a method that wins on every image would be told apart on that metric:
    the least p of n images is 2^(1 - n), and the correction multiplies it by the pairs."""
    pairs = [p.difference for line in lines for p in line.pairs if p.metric == facts.column]
    most = max((found.n for found in pairs if found), default=0)
    return most >= FEWEST and 2.0 ** (1 - most) * len(pairs) >= SIGNIFICANCE


def absences(
    lines: Sequence[Line], metrics: Sequence[MetricFacts], names: Mapping[str, str]
) -> Iterator[str]:
    """What is missing of the table, methods with the same reason together."""
    reasons: dict[str, list[str]] = {}
    for line in lines:
        for reason in reasons_of(line, metrics):
            reasons.setdefault(reason, []).append(names[line.method])
    for reason, methods in reasons.items():
        yield f"{', '.join(methods)}: {reason}"


def reasons_of(line: Line, metrics: Sequence[MetricFacts]) -> Iterator[str]:
    """Why rows of a method, or scores of its rows, are missing."""
    of_rows = f"of {line.rows} rows" if line.seeds > 1 else f"of {line.n} images"
    unreached = line.n * line.seeds - line.rows
    if unreached > 0:
        yield f"{unreached} of {line.n * line.seeds} not run"
    yield from shortened(f"{absence.rows} {of_rows} {words(absence)}" for absence in line.absences)
    for facts in metrics:
        yield from shortened(
            f"{facts.title} missing on {absence.rows} {of_rows}: {absence.reason}"
            for absence in line.unscored.get(facts.column, ())
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
