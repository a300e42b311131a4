"""All that the page's template shows, drawn from the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.analysis.analysis import Analysis
from bench.core.rows import TableKey
from bench.metrics.facts import MetricFacts
from bench.report.conditions import commands, conditions, origin, suite_title
from bench.report.formats import header
from bench.report.names import display_names
from bench.report.page.data import page_data
from bench.report.page.failures import MOST_FAILURES, Failure, failures
from bench.report.page.glance import Answer, GlanceRow, answers, coverage, glance_rows
from bench.report.page.marks import outline
from bench.report.page.pictures import MOST_BYTES, Album, fill
from bench.report.page.summary import Block, blocks
from bench.report.pictures.examples import Example
from bench.report.style import styles
from bench.report.tables.by_split import SplitTexts, report_tables, texts_of
from bench.report.tables.factors import FactorTable, factor_table
from bench.report.tables.literature import LiteratureTable, literature_tables
from bench.report.tables.markdown import HOW, metric_title
from bench.report.tables.measured import MeasuredRow, measured_rows

# Header, the direction that its column is first sorted in, and what the number is.
COSTS = (
    ("latency", "ascending", "median of one image, with its quartiles"),
    ("memory (MiB)", "ascending", "median peak while restoring"),
    ("parameters (M)", "ascending", "of all networks"),
    ("MACs (G)", "ascending", "of one image, all steps of a search included"),
    ("images", "descending", "restored, of all"),
)


@dataclass(frozen=True)
class PageMethod:
    """How a method looks and is called."""

    name: str
    place: int  # among the methods: its class in the style sheet
    outline: str
    colour: str
    on_dark: str


@dataclass(frozen=True)
class Page:
    """All that the template shows."""

    title: str
    origin: str
    methods: Mapping[str, PageMethod]
    splits: tuple[str, ...]
    metrics: tuple[tuple[str, MetricFacts], ...]  # header and facts
    costs: tuple[tuple[str, str, str], ...]
    answers: tuple[Answer, ...]
    glance: tuple[GlanceRow, ...]
    images: int  # of all splits
    coverage: tuple[tuple[str, int], ...]
    joint: tuple[SplitTexts, ...]  # all splits in one table; none of a single split
    each: tuple[SplitTexts, ...]  # the same for each metric
    blocks: tuple[Block, ...]
    factors: tuple[FactorTable, ...]
    measured: tuple[MeasuredRow, ...]
    literature: tuple[tuple[str, LiteratureTable], ...]  # title of the block, and its table
    failures: tuple[Failure, ...]
    failure_count: int
    missing_metrics: tuple[tuple[str, str], ...]  # title and reason
    cautions: tuple[str, ...]
    has_doubts: bool  # of a metric in some table
    how: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...]
    again: tuple[str, ...]  # the commands that make it again
    has_curves: bool
    plots: tuple[str, ...]  # names of the files in plots/, without suffix
    images_within: int
    images_beside: int
    data: Mapping[str, Any]
    uris: Sequence[str]


def make_page(
    analysis: Analysis,
    pictures: Mapping[TableKey, Sequence[Example]],
    plots: Sequence[str],
    out: Path,
) -> Page:
    """What the page shows of the results, in the folder `out`."""
    results, lines, metrics = analysis.results, analysis.lines, analysis.metrics
    names = display_names(lines)
    looks = styles(list(names))
    album = Album(out, MOST_BYTES)
    fill(album, pictures.values())
    data, uris = page_data(analysis, names, pictures, album.uris)
    joint, each = report_tables(analysis)
    failed = [row for row in results.rows if row.state.is_failure]
    return Page(
        title=suite_title(results),
        origin=origin(results),
        methods={
            method: PageMethod(
                name,
                place,
                outline(looks[method].marker),
                looks[method].colour,
                looks[method].on_dark,
            )
            for place, (method, name) in enumerate(names.items())
        },
        splits=tuple(dict.fromkeys(table.key.split for table in analysis.tables)),
        metrics=tuple((header(facts), facts) for facts in metrics),
        costs=COSTS,
        answers=tuple(answers(analysis)),
        glance=tuple(glance_rows(analysis)),
        images=sum({table.key.split: table.whole.images for table in analysis.tables}.values()),
        coverage=tuple(coverage(lines)),
        joint=tuple(map(texts_of, joint)),
        each=tuple(map(texts_of, each)),
        blocks=tuple(blocks(analysis)),
        factors=tuple(found for t in analysis.tables if (found := factor_table(t, names))),
        measured=tuple(row for row in measured_rows(results) if row.method in names),
        literature=tuple(
            (table.key.title, found)
            for table in analysis.tables
            for found in literature_tables(table, results.titles)
        ),
        failures=tuple(failures(failed[:MOST_FAILURES], results.run)),
        failure_count=len(failed),
        missing_metrics=tuple(
            (metric_title(column), why) for column, why in results.missing_metrics.items()
        ),
        cautions=tuple(caution.text for caution in results.cautions),
        has_doubts=bool(analysis.doubts),
        how=tuple(line.removeprefix("- ") for line in HOW.splitlines()),
        conditions=tuple(conditions(results)),
        again=tuple(commands(results)),
        has_curves=bool(data["curves"]),
        plots=tuple(plots),
        images_within=album.images_within,
        images_beside=album.images_beside,
        data=data,
        uris=uris,
    )
