"""`python -m bench table`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bench.analysis.analysis import Analysis
    from bench.analysis.by_split import SplitTable
    from bench.metrics.facts import MetricFacts
    from bench.results.results import Results

EPILOG = """Examples:

  python -m bench table reports/mini

  python -m bench table reports/mini --columns lpips_alex --methods glean,esrgan --format latex

  python -m bench table reports/mini --published

  python -m bench table laptop/photo server/photo --order psnr_rgb_db --intervals --out table.md

The best mean of each split is bold, the second best italic (underlined in LaTeX). A mean over fewer
images than the others of its column has their number behind it, and competes with none."""

AS_RUN = "run"


class TableFormat(StrEnum):
    """How the table is written."""

    MARKDOWN = "markdown"
    LATEX = "latex"
    CSV = "csv"


def table(
    runs: Annotated[list[Path], typer.Argument(help="Results folders, as `run --out` made them.")],
    columns: Annotated[
        str | None,
        typer.Option(help="Metrics of each cell. [default: the first of fidelity and perception]"),
    ] = None,
    order: Annotated[
        str | None,
        typer.Option(
            help="Metric by whose mean place methods are sorted, or `run`: as they were "
            "run. [default: the leading metric]"
        ),
    ] = None,
    methods: Annotated[str | None, typer.Option(help="Only these. [default: all]")] = None,
    splits: Annotated[str | None, typer.Option(help="Only these. [default: all]")] = None,
    scale: Annotated[str | None, typer.Option(help="Only these. [default: all]")] = None,
    each: Annotated[
        bool, typer.Option("--each", help="A table for each metric; one cell has one mean.")
    ] = False,
    common: Annotated[
        bool, typer.Option("--common", help="Only images that all these methods restored.")
    ] = False,
    intervals: Annotated[
        bool, typer.Option("--intervals", help="With the 95% interval of each mean.")
    ] = False,
    published: Annotated[
        bool,
        typer.Option(
            "--published",
            help="The order of methods in each publication beside the measured one, over the "
            "images that these methods have in common.",
        ),
    ] = False,
    style: Annotated[TableFormat, typer.Option("--format")] = TableFormat.MARKDOWN,
    out: Annotated[Path | None, typer.Option(help="File to write. [default: the screen]")] = None,
) -> None:
    """Print one table of methods by splits, as papers have it."""
    from bench.analysis.analysis import analyse
    from bench.analysis.by_split import split_tables
    from bench.cli.options import comma_list, scale_list
    from bench.core.errors import BenchError
    from bench.report.tables.by_split import default_columns
    from bench.results import folder
    from bench.results.merge import merge

    found = {run: folder.load_results(run) for run in runs}
    results = merge(found).results if len(found) > 1 else found[runs[0]]
    chosen = {
        "method": comma_list("--methods", methods),
        "split": comma_list("--splits", splits),
        "scale": scale_list(scale),
    }
    analysis = analyse(narrowed(results, chosen))
    if published:
        return hand_over(orders(analysis, results.titles, style), out)
    measured = {facts.column: facts for facts in analysis.metrics}
    asked = [metric(name, measured, results) for name in comma_list("--columns", columns)]
    shown = tuple(asked) or (analysis.metrics if each else default_columns(analysis))
    by = analysis.leading if order is None else None
    if order not in (None, AS_RUN):
        by = metric(order, measured, results)
    groups = [(facts,) for facts in shown] if each else [shown]
    tables = [
        table for group in groups for table in split_tables(analysis, group, by, common=common)
    ]
    if not tables:
        raise BenchError("nothing was measured in these results: there is no table to print")
    return hand_over(written(tables, style, intervals=intervals), out)


def hand_over(text: str, out: Path | None) -> None:
    """Into the file, or onto the screen."""
    from bench.core.files import write_text

    if out:
        write_text(out, text)
    else:
        typer.echo(text, nl=False)


def orders(analysis: Analysis, titles: Mapping[str, str], style: TableFormat) -> str:
    """The tables of `--published`. Raises `BenchError` where there is nothing to put in order."""
    from bench.core.errors import BenchError
    from bench.report.tables.published_orders import published_orders_markdown

    if style is not TableFormat.MARKDOWN:
        raise BenchError(f"--published is written as Markdown alone, not as {style}")
    if parts := list(published_orders_markdown(analysis.tables, titles)):
        return "\n\n".join(parts) + "\n"
    raise BenchError(
        "no publication has figures of two methods of these results: "
        "`python -m bench info METHOD` tells which have been published"
    )


def narrowed(results: Results, chosen: Mapping[str, Sequence[object]]) -> Results:
    """The rows of these methods, splits and scales alone; an empty choice takes all.

    Raises `UnknownName`.
    """
    from dataclasses import replace

    from bench.core.errors import UnknownName

    rows = results.rows
    for what, names in chosen.items():
        known = {getattr(row, what) for row in results.rows}
        for name in names:
            if name not in known:
                raise UnknownName(f"{what} of these results:", str(name), map(str, known))
        rows = tuple(row for row in rows if not names or getattr(row, what) in names)
    return replace(results, rows=rows, factors=())


def metric(name: str, measured: dict[str, MetricFacts], results: Results) -> MetricFacts:
    """The metric of that column. Raises `UnknownName`; one that can be computed is said to be."""
    from bench.core.errors import UnknownName

    if name in measured:
        return measured[name]
    why = results.missing_metrics.get(name, "")
    hint = f"It was not computed: {why}." if why else (
        "`python -m bench rescore RUN --metrics NAME` adds a metric to results."
    )  # fmt: skip
    raise UnknownName("metric of these results:", name, measured, hint)


def written(tables: Sequence[SplitTable], style: TableFormat, *, intervals: bool) -> str:
    """The tables in that format."""
    from bench.report.tables.by_split import texts_of
    from bench.report.tables.by_split_csv import by_split_csv
    from bench.report.tables.by_split_latex import PREAMBLE, by_split_latex
    from bench.report.tables.by_split_markdown import by_split_markdown

    if style is TableFormat.CSV:
        return by_split_csv(tables, intervals=intervals)
    shown = map(texts_of, tables)
    if style is TableFormat.LATEX:
        parts = [PREAMBLE, *(by_split_latex(texts, intervals=intervals) for texts in shown)]
    else:
        parts = [by_split_markdown(texts, intervals=intervals) for texts in shown]
    return "\n\n".join(parts) + "\n"
