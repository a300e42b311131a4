"""`summary.md`: the tables as people read and paste them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tabulate import tabulate

from bench.metrics.registry import METRICS
from bench.report.conditions import command, origin, suite_title
from bench.report.literature import LiteratureTable, literature_tables
from bench.report.ranking import tables_of
from bench.report.tables import COST_HEADERS, Cell, Header, SummaryTable, summary_table
from bench.results import Results
from bench.summary import Line

HOW = """\
- Scores are means over images, of a method with several seeds over the means of each image's \
seeds. Brackets hold the 95% interval of the mean (BCa bootstrap, 9,999 resamples).
- Latency is the median of one image at a time with its quartiles; loading, warming up, scoring \
and writing are not in it. Memory is the median peak while restoring. Multiply-accumulates are \
those of one image, optimisation steps included.
- Scores are comparable within a table only: between tables the pictures differ."""


def summary_markdown(results: Results, lines: Sequence[Line]) -> str:
    """One table a split and scale, then published figures, what is missing, and how it is made."""
    tables = tables_of(lines)
    parts = [f"# {escape(suite_title(results))}"]
    parts.append(escape(origin(results)))
    for table, members in tables.items():
        parts += summary_parts(summary_table(table, members, results.metrics))
    if not lines:
        parts.append("Nothing was measured.")
    published = [
        (f"{table.split}, {table.scale}x", found)
        for table, members in tables.items()
        for found in literature_tables(table, members, results)
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
    parts += ["## How these numbers are made", HOW]
    if again := command(results):
        parts.append(f"To make them again: {code(again)}")
    return "\n\n".join(part.rstrip() for part in parts if part) + "\n"


def summary_parts(shown: SummaryTable) -> Iterator[str]:
    """A summary table with its protocols and remarks."""
    yield f"## {escape(shown.title)}"
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
    yield bullets(shown.absences)


def literature_parts(title: str, found: LiteratureTable) -> Iterator[str]:
    """Published figures beside the measured ones."""
    yield f"### {escape(title)}: {escape(found.title)}"
    yield pipe_table(
        [in_table(header) for header in found.headers],
        [[in_table(method), *numbers] for method, *numbers in found.rows],
    )
    yield f"**{escape(found.comparability)}** Source: {escape(found.source)}."
    yield bullets(found.protocols)


def marked_header(number: int, header: Header) -> str:
    """The header with the mark of its protocol below the table."""
    return f"{in_table(header.text)} {superscript(number)}"


def cell_text(cell: Cell) -> str:
    """The number with its detail, bold if it is the best, marked if it is over fewer images."""
    text = f"{cell.text} {cell.detail}".rstrip()
    return (f"**{text}**" if cell.is_best else text) + ("†" if cell.is_partial else "")


def pipe_table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A Markdown table, numbers to the right."""
    align = ["left", *["right"] * (len(head) - 1)]
    return tabulate(body, head, tablefmt="pipe", colalign=align, disable_numparse=True)


def bullets(texts: Iterable[str]) -> str:
    """A list of texts of strangers."""
    return "\n".join(f"- {escape(text)}" for text in texts)


def metric_title(column: str) -> str:
    """The metric's title."""
    return METRICS[column].title if column in METRICS else column


def superscript(number: int) -> str:
    """The number as a mark that needs no markup."""
    return str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def escape(text: str) -> str:
    """Text of strangers as text: no markup and no line breaks.

    What stands between backticks, as commands do, stays code.
    """
    parts = " ".join(text.split()).split("`")
    if len(parts) % 2 == 0:  # a backtick without its partner starts no code
        return literal("'".join(parts))
    return "".join(code(part) if i % 2 else literal(part) for i, part in enumerate(parts))


def in_table(text: str) -> str:
    """Text of strangers for a cell of a table, where even code must not hold a bare border."""
    return escape(text).replace("|", "\\|")


def literal(text: str) -> str:
    """Every character that Markdown or HTML would act on, made literal."""
    text = re.sub(r"([\\*\[\]#~$])", r"\\\1", text)
    text = re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)  # within a word it is no emphasis
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """The text as code, between more backticks than stand together in it."""
    flat = " ".join(text.split())
    if not flat:
        return ""
    runs = re.findall(r"`+", flat)
    fence = "`" * (1 + max(map(len, runs), default=0))
    return f"{fence} {flat} {fence}" if runs else f"`{flat}`"
