"""`summary.md`: the tables as people read and paste them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tabulate import tabulate

from bench.metrics.registry import MetricFacts
from bench.published import Publication, publications
from bench.report import figures
from bench.report.ranking import best, columns_of, tables_of
from bench.results import Results
from bench.rows import RowState
from bench.summary import Line

PARTIAL = "†"


def summary_markdown(results: Results, lines: Sequence[Line]) -> str:
    """One table a split and scale, then protocols, what is missing, and the published figures."""
    suite = suite_name(results)
    parts = [f"# {escape(suite_title(results))}"]
    for (split, scale, operator), table in tables_of(lines).items():
        parts.append(f"## {escape(split)}, {scale}x")
        parts.append(main_table(table, results.metrics))
        parts.extend(remarks(table))
        parts.append(f"Input: `{code(operator)}`.")
        parts.extend(published_tables(split, scale, suite, table, results.metrics))
    parts.append(protocols(results))
    return "\n\n".join(part for part in parts if part) + "\n"


def main_table(lines: Sequence[Line], metrics: Sequence[MetricFacts]) -> str:
    """Methods in the order they were asked for; the best mean of each column in bold."""
    columns = columns_of(lines, metrics)
    winners = {facts.column: best(lines, facts) for facts in columns}
    header = ["method", *(figures.header(facts) for facts in columns),
              "latency", "memory", "parameters", "MACs", "images"]  # fmt: skip
    body = []
    for line in lines:
        cells = []
        for facts in columns:
            text = figures.score(facts, line.metrics.get(facts.column))
            if line.method in winners[facts.column]:
                text = f"**{text}**"
            cells.append(text + (PARTIAL if facts.column in line.partial else ""))
        body.append([
            escape(line.title), *cells, figures.seconds(line.latency_s),
            figures.memory(line.peak_mem_bytes), figures.count(line.parameters),
            figures.count(line.macs), f"{line.ok}/{line.n}",
        ])  # fmt: skip
    align = ["left", *["right"] * (len(header) - 1)]
    return tabulate(body, header, tablefmt="pipe", colalign=align, disable_numparse=True)


def remarks(lines: Sequence[Line]) -> list[str]:
    """What the reader must know of the table: coverage, failures, absences."""
    found = []
    if any(line.partial for line in lines):
        found.append(
            f"{PARTIAL} over fewer images than the split has: not comparable with the other "
            "means of its column, and never marked as best."
        )
    entries = []
    for line in lines:
        for state, number in line.states.items():
            if state is not RowState.OK:
                reasons = "; ".join(escape(reason) for reason in line.reasons)
                entries.append(f"- {escape(line.title)}: {number} {state}: {reasons}")
                break
        for column, why in line.unscored.items():
            entries.append(f"- {escape(line.title)}: {column} missing: {escape('; '.join(why))}")
    return [*found, "\n".join(entries)]


def published_tables(
    split: str, scale: int, suite: str, lines: Sequence[Line], metrics: Sequence[MetricFacts]
) -> list[str]:
    """Published figures of the split beside the measured ones, and why they compare or do not."""
    parts = []
    for publication in publications():
        chosen = [figure for figure in publication.figure if figure.split == split]
        if publication.scale != scale or not chosen:
            continue
        header = ["method"]
        for column in dict.fromkeys(figure.metric for figure in chosen):
            header += [f"{column}, published", f"{column}, measured"]
        body = []
        for method in dict.fromkeys(figure.method for figure in chosen):
            cells = {f"{f.metric}, published": f"{f.value:g}" for f in chosen if f.method == method}
            line = next((line for line in lines if line.method == method), None)
            for facts in metrics if line else ():
                value = figures.score(facts, line.metrics.get(facts.column) if line else None)
                cells[f"{facts.column}, measured"] = value
            body.append([method, *(cells.get(name, "–") for name in header[1:])])
        parts.append(f"Published: {escape(publication.title)}. {comparability(publication, suite)}.")
        parts.append(tabulate(body, header, tablefmt="pipe", disable_numparse=True))
    return parts


def comparability(publication: Publication, suite: str) -> str:
    """Whether measured numbers may be held against the published ones, or why not."""
    if suite != publication.suite:
        return (
            f"Not comparable with the measured ones: other pictures and another size than suite "
            f"`{code(publication.suite)}` has"
        )
    return f"Protocol as far as it was stated: {escape(publication.protocol)}"


def protocols(results: Results) -> str:
    """How each number was made, and how to get those that are missing."""
    lines = ["## Protocols", ""]
    lines += [f"- {figures.header(facts)}: `{code(facts.protocol)}`" for facts in results.metrics]
    lines.append(
        "- Means over images with 95% BCa bootstrap intervals; latency is the median of one image "
        "at a time, loading, scoring and writing excluded; memory is what restoring adds at its peak."
    )
    if results.missing_metrics:
        lines += ["", "Metrics that could not be computed:", ""]
        lines += [f"- {column}: {escape(why)}" for column, why in results.missing_metrics.items()]
    return "\n".join(lines)


def suite_name(results: Results) -> str:
    """The suite that the rows were made under."""
    suite = results.run.get("suite")
    return str(suite.get("name", "")) if isinstance(suite, dict) else ""


def suite_title(results: Results) -> str:
    """The suite's title."""
    suite = results.run.get("suite")
    return str(suite.get("title", "Results")) if isinstance(suite, dict) else "Results"


def escape(text: str) -> str:
    """Text of strangers as text: no markup, no line breaks, no table borders.

    Between backticks, where commands stand, only what would end them or the table is changed.
    """
    parts = " ".join(text.split()).split("`")
    if len(parts) % 2 == 0:  # a backtick without its partner starts no code
        return marked("'".join(parts))
    return "`".join(code(part) if i % 2 else marked(part) for i, part in enumerate(parts))


def marked(text: str) -> str:
    """Every character that Markdown or HTML would act on, made literal."""
    text = re.sub(r"([\\*_\[\]|#])", r"\\\1", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """Text for between backticks."""
    return " ".join(text.split()).replace("`", "'").replace("|", "\\|")
