"""A comparison of two runs as a table, as Markdown and as CSV."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text
from tabulate import tabulate

from bench.analysis.comparison import Compared, Comparison
from bench.report import formats
from bench.report.tables.markup import bullets, in_table, pipe_table
from bench.results.csv_files import statistics_csv

HEADERS = ("method", "split", "metric", "first", "second", "second - first", "p (Holm)",
           "wins / ties / losses", "images")  # fmt: skip
CSV_HEAD = (
    "method", "split", "scale", "operator", "metric", "n_common", "mean_first", "mean_second",
    "mean_difference", "ci_low", "ci_high", "p_wilcoxon", "p_holm", "wins", "ties", "losses",
    "told_apart", "refusal",
)  # fmt: skip
HOW = (
    "Differences are of the second run from the first, on the images of both, with the 95% BCa "
    "interval of their mean; wins are images on which the second is better. p: Wilcoxon "
    "signed-rank, corrected after Holm over all tests of this comparison. * told apart: p < 0.05."
)
NOTHING_COMMON = "Nothing that was measured in both runs can be compared."


def cells(found: Compared) -> list[str]:
    """One line under `HEADERS`; a refusal stands in place of the numbers."""
    subject = found.subject
    head = [subject.method, f"{subject.split}, {subject.scale}x"]
    head.append(formats.header(found.metric) if found.metric else "all")
    if found.difference is None or found.metric is None:
        return [*head, formats.NOTHING, formats.NOTHING, f"not compared: {found.refusal}",
                "", "", ""]  # fmt: skip
    difference = found.difference
    change = formats.signed(found.metric, difference.mean)
    if difference.low is not None and difference.high is not None:
        low, high = (formats.signed(found.metric, b) for b in (difference.low, difference.high))
        change += f" [{low}, {high}]"
    return [
        *head,
        formats.number(found.metric, difference.mean_b),
        formats.number(found.metric, difference.mean_a),
        change + (" *" if found.is_told_apart else ""),
        formats.probability(found.p_holm),
        f"{difference.wins} / {difference.ties} / {difference.losses}",
        str(difference.n),
    ]


def show(comparison: Comparison, console: Console) -> None:
    """The table for whoever looks: drawn on a terminal, plain text elsewhere."""
    lines = [[formats.plain(cell) for cell in cells(found)] for found in comparison.compared]
    if lines and console.is_terminal:
        table = Table(*HEADERS)
        for line in lines:
            table.add_row(*map(Text, line))
        console.print(table)
    elif lines:
        console.file.write(tabulate(lines, HEADERS, disable_numparse=True) + "\n")
    notes = [f"- {formats.plain(note)}" for note in comparison.notes]
    console.file.write(
        "\n".join([*notes, HOW if comparison.has_numbers else NOTHING_COMMON]) + "\n"
    )


def comparison_markdown(comparison: Comparison, first: str, second: str) -> str:
    """The same as a document."""
    body = [[in_table(cell) for cell in cells(found)] for found in comparison.compared]
    parts = [
        "# Two runs compared",
        bullets([f"first: {first}", f"second: {second}"]),
        pipe_table(HEADERS, body) if body else "",
        bullets(comparison.notes),
        bullets([HOW if comparison.has_numbers else NOTHING_COMMON]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def comparison_csv(comparison: Comparison) -> str:
    """One line a subject and metric."""
    return statistics_csv(CSV_HEAD, map(csv_line, comparison.compared))


def csv_line(found: Compared) -> dict[str, Any]:
    """The line by column."""
    entry: dict[str, Any] = {
        **found.subject._asdict(),
        "operator": found.operator,
        "metric": found.metric.column if found.metric else "",
        "n_common": 0,
        "refusal": found.refusal,
    }
    if difference := found.difference:
        entry |= {
            "n_common": difference.n,
            "mean_first": difference.mean_b,
            "mean_second": difference.mean_a,
            "mean_difference": difference.mean,
            "ci_low": difference.low,
            "ci_high": difference.high,
            "p_wilcoxon": difference.p_wilcoxon,
            "p_holm": found.p_holm,
            "wins": difference.wins,
            "ties": difference.ties,
            "losses": difference.losses,
            "told_apart": found.is_told_apart,
        }
    return entry
