"""`summary.md`: the tables as people read and paste them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bench.analysis.analysis import Analysis, TableAnalysis
from bench.analysis.ranking import Lineup
from bench.metrics.registry import METRICS
from bench.report.conditions import commands, origin, suite_title
from bench.report.formats import PARTIAL, TIED
from bench.report.names import display_names
from bench.report.tables.by_split import report_tables, texts_of
from bench.report.tables.by_split_markdown import by_split_markdown
from bench.report.tables.factors import FACTORS_NOTE, FactorTable, factor_table
from bench.report.tables.literature import LiteratureTable, literature_tables
from bench.report.tables.markup import bullets, code, escape, in_table, pipe_table, superscript
from bench.report.tables.measured import HEADERS as MEASURED_HEADERS
from bench.report.tables.measured import NOTE as MEASURED_NOTE
from bench.report.tables.measured import measured_rows
from bench.report.tables.pairwise import PAIR_HEADERS, PairRow, against_best
from bench.report.tables.seeds import SEED_HEADERS, SEED_NOTE, SeedRow, seed_rows
from bench.report.tables.summary_table import (
    COST_HEADERS,
    Cell,
    Header,
    SummaryTable,
    summary_table,
)
from bench.results.results import Results

HOW = """\
- Scores are means over images, of a method with several seeds over the means of each image's \
seeds. Brackets hold the 95% interval of the mean (BCa bootstrap, 9,999 resamples).
- Pairs of methods are compared on the images that both restored: the mean difference with its \
95% interval, and the Wilcoxon signed-rank test, corrected after Holm over all pairs of methods in \
the column. Two methods are told apart where that p is below 0.05 and mean and ranks lean the same \
way. All pairs are in pairs.csv.
- Tie groups: the best mean leads the first group, with every method that is not told apart from \
it; the best of the others leads the next, and so on. Methods of one group may still be told \
apart from each other, and neighbours of two groups need not be: a group says who cannot be told \
from its leader, no more. Each column has its own 5%; of twenty columns one may err.
- Latency is the median of one image at a time with its quartiles, over rows timed under the same \
conditions; loading, warming up, scoring and writing are not in it. Memory is the median peak \
while restoring. Multiply-accumulates are those of one image, optimisation steps included.
- Scores are comparable within a table only: between tables the pictures differ."""


def summary_markdown(analysis: Analysis) -> str:
    """One table a split and scale, then published figures, what is missing, and how it is made."""
    results = analysis.results
    parts = [f"# {escape(suite_title(results))}"]
    parts.append(escape(origin(results)))
    if results.cautions:
        parts += ["## Warnings", bullets(caution.text for caution in results.cautions)]
    parts += by_split_parts(analysis)
    for table in analysis.tables:
        parts += section_parts(table)
    if not analysis.tables:
        parts.append("Nothing was measured.")
    published = [
        (table.key.title, found)
        for table in analysis.tables
        for found in literature_tables(table, results.titles)
    ]
    if published:
        parts.append("## Published and measured")
    for title, found in published:
        parts += literature_parts(title, found)
    if results.missing_metrics:
        parts.append("## Metrics that could not be computed")
        parts.append(
            bullets(f"{metric_title(c)}: {why}" for c, why in results.missing_metrics.items())
        )
    parts += measured_parts(results, display_names(analysis.lines))
    parts += ["## How these numbers are made", HOW]
    if again := commands(results):
        parts.append("To make them again, from a clean shell:")
        parts.append("\n".join(f"- {code(command)}" for command in again))
    return "\n\n".join(part.rstrip() for part in parts if part) + "\n"


def by_split_parts(analysis: Analysis) -> Iterator[str]:
    """All splits in one table, and folded away the same for each metric."""
    joint, each = report_tables(analysis)
    if joint:
        yield "## All splits"
        yield from (by_split_markdown(texts_of(table)) for table in joint)
        yield "<details><summary>A table for each metric</summary>"
        yield from (by_split_markdown(texts_of(table)) for table in each)
        yield "</details>"


def section_parts(table: TableAnalysis) -> Iterator[str]:
    """All that is said of one split at one scale."""
    shown, common = summary_table(table.whole), table.common
    names = display_names(table.whole.lines)
    yield f"## {escape(shown.title)}"
    yield from table_parts(shown)
    yield bullets(shown.absences)
    yield from comparison_parts(shown, table.whole)
    yield from seed_parts(seed_rows(table.whole))
    yield from factor_parts(factor_table(table, names))
    if not common.is_whole:
        images = f"{common.images} image{'s' if common.images > 1 else ''}"
        yield f"### {escape(shown.title)}: on the {images} that all of these restored"
        of_common = summary_table(common.lineup)
        yield from table_parts(of_common)
        if common.left_out:
            left_out = ", ".join(names[method] for method in common.left_out)
            yield f"Left out, having restored less than half of the images: {escape(left_out)}."
        yield from comparison_parts(of_common, common.lineup)


def table_parts(shown: SummaryTable) -> Iterator[str]:
    """A summary table with its protocols and remarks."""
    head = ["method", *(marked_header(i, header) for i, header in enumerate(shown.headers, 1))]
    body = [
        [in_table(name), *map(cell_text, (*cells, *costs))] for name, cells, costs in shown.rows
    ]
    yield pipe_table([*head, *COST_HEADERS], body)
    yield "  \n".join(
        f"{superscript(i)} {escape(header.text)}: {code(header.protocol)}"
        for i, header in enumerate(shown.headers, 1)
    )
    yield f"{' '.join(shown.remarks)} Input: {code(shown.operator)}."
    yield escape(" ".join(shown.timing))


def comparison_parts(shown: SummaryTable, lineup: Lineup) -> Iterator[str]:
    """The tie groups of every metric, and each method against the best by the leading one."""
    if shown.rankings:
        yield "Tie groups, best first; methods of a group are not told apart from its first:"
        yield "\n".join(
            f"- {escape(header)}: {'; '.join(groups_text(groups))}"
            for header, groups in shown.rankings
        )
    first = lineup.first
    rows = against_best(first) if first else []
    if first and rows:
        yield (
            f"By {escape(first.metric.title)}, each less the best, {escape(rows[0].method_b)}, on "
            "the images of both:"
        )
        yield pipe_table(["method", *PAIR_HEADERS], [pair_cells(row) for row in rows])


def groups_text(groups: Iterable[Sequence[str]]) -> Iterator[str]:
    """Such as `1 GLEAN, ESRGAN`, group by group."""
    for place, names in enumerate(groups, 1):
        yield f"**{place}** {escape(', '.join(names))}"


def pair_cells(row: PairRow) -> list[str]:
    """A pair as cells; the difference is bold where the two are told apart."""
    difference, *others = row.cells
    return [in_table(row.method_a), f"**{difference}**" if row.is_told_apart else difference,
            *others]  # fmt: skip


def seed_parts(rows: Sequence[SeedRow]) -> Iterator[str]:
    """What several seeds of a method give."""
    if rows:
        yield "Several seeds:"
        yield pipe_table(["method", *SEED_HEADERS], [[in_table(r.method), *r.cells] for r in rows])
        yield SEED_NOTE


def factor_parts(shown: FactorTable | None) -> Iterator[str]:
    """Which known factors of the pictures can be read back."""
    if shown is None:
        return
    yield f"### {escape(shown.title)}: factors read back"
    if shown.rows:
        yield pipe_table(
            [in_table(header) for header in shown.headers],
            [[in_table(text) for text in row] for row in shown.rows],
        )
        yield FACTORS_NOTE
    if shown.left_out:
        yield f"Left out, as its reader cannot read them: {escape(', '.join(shown.left_out))}."


def literature_parts(title: str, found: LiteratureTable) -> Iterator[str]:
    """Published figures beside the measured ones."""
    yield f"### {escape(title)}: {escape(found.title)}"
    yield pipe_table(
        [in_table(header) for header in found.headers],
        [
            [in_table(method), in_table(metric), *numbers, in_table(verdict)]
            for method, metric, *numbers, verdict in found.rows
        ],
    )
    yield f"**{escape(found.comparability)}** Source: {escape(found.source)}."
    yield bullets((*found.orders, *found.protocols))


def measured_parts(results: Results, names: Mapping[str, str]) -> Iterator[str]:
    """Which files and settings the methods were measured with."""
    if rows := measured_rows(results):
        yield "## What was measured"
        body = [[in_table(text) for text in (names[r.method], *r.cells)] for r in rows]
        yield pipe_table(MEASURED_HEADERS, body)
        yield MEASURED_NOTE


def marked_header(number: int, header: Header) -> str:
    """The header with the mark of its protocol below the table."""
    return f"{in_table(header.text)} {superscript(number)}"


def cell_text(cell: Cell) -> str:
    """The number with its detail: bold if it is the best, marked if it ties with that or has
    no number that would compare."""
    text = f"{cell.text} {cell.detail}".rstrip()
    mark = PARTIAL if cell.is_partial else TIED if cell.is_tied else ""
    return (f"**{text}**" if cell.is_best else text) + mark


def metric_title(column: str) -> str:
    """The metric's title."""
    return METRICS[column].title if column in METRICS else column
