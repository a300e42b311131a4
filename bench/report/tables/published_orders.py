"""The order of methods in publications beside the measured one, as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bench.analysis.analysis import TableAnalysis
from bench.analysis.published_orders import PublishedOrder
from bench.core.grouping import grouped
from bench.metrics.facts import MetricFacts
from bench.metrics.registry import METRICS
from bench.report import formats
from bench.report.tables.markup import escape, in_table, pipe_table

HEADERS = ("", "metric", "published, best first", "measured here, best first", "images", "tau")
NOTE = (
    "Kendall's tau: 1 is the same order, -1 the reverse. Pictures and networks are others than the "
    "publication's: orders may be held against each other, values may not."
)


def published_orders_markdown(
    tables: Iterable[TableAnalysis], titles: Mapping[str, str]
) -> Iterator[str]:
    """A table for each publication, a line for each order of at least two methods, and how to
    read them; nothing where there is none."""
    found = grouped(
        (order.publication.title, order)
        for table in tables
        for literature in table.literature
        for order in literature.orders
    )
    for title, orders in found.items():
        rows = [[in_table(text) for text in texts_of(order, titles)] for order in orders]
        yield f"**{escape(title)}**\n\n{pipe_table(HEADERS, rows, texts=4)}"
    if found:
        yield NOTE


def texts_of(found: PublishedOrder, titles: Mapping[str, str]) -> tuple[str, ...]:
    """The cells of its line."""
    named = {m: found.publication.name_of(m, titles) for m in found.published}
    by = f" ({found.published_table.by})" if found.published_table.by else ""
    decimals = 2 if found.published_table.metric.endswith("_db") else 4
    figures = {m: f"{value:.{decimals}f}" for m, value in found.published.items()}
    means = {m: formats.number(found.metric, value) for m, value in found.measured.items()}
    return (
        found.table.title,
        metric_of(found.metric, found.published_table.metric) + by,
        in_order(figures, named),
        in_order(means, named),
        str(found.images),
        f"{found.agreement.tau:.2f}",
    )


def metric_of(measured: MetricFacts, published: str) -> str:
    """The measured metric, and what it stands in for."""
    header = formats.header(measured)
    stands_in = not measured.column.startswith(published)
    return f"{header}, in place of {METRICS[published].title}" if stands_in else header


def in_order(values: Mapping[str, str], named: Mapping[str, str]) -> str:
    """Such as `GLEAN 26.84, ESRGAN+ 26.76`."""
    return ", ".join(f"{named[method]} {value}" for method, value in values.items())
