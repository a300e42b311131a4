"""`report.html`: one self-contained page; nothing in it is fetched, everything is escaped."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup

from bench.report import figures
from bench.report.grids import examples
from bench.report.markdown import suite_title
from bench.report.ranking import best, columns_of, tables_of
from bench.results import Results
from bench.rows import Row
from bench.summary import Line

MOST_PICTURE_BYTES = 2_000_000  # pictures larger than this are left out of the page
MOST_FAILURES = 50


@dataclass(frozen=True)
class Cell:
    """One cell of the page's table."""

    text: str
    is_best: bool = False
    is_partial: bool = False


@dataclass(frozen=True)
class Section:
    """One split at one scale: its table and its example pictures."""

    title: str
    operator: str
    headers: Sequence[tuple[str, str]]  # header and its protocol
    rows: Sequence[tuple[str, Sequence[Cell], Sequence[str]]]  # method, scores, costs
    absences: Sequence[str]
    strips: Sequence[tuple[str, Sequence[tuple[str, str]]]]  # image: (caption, data URI)


def render_page(
    results: Results, lines: Sequence[Line], plots: Mapping[str, str], images: Path
) -> str:
    """The page as text."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bench.report", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    failures = [row for row in results.rows if row.state.is_failure]
    return environment.get_template("page.html.j2").render(
        title=suite_title(results),
        sections=[
            section(table, members, results, images) for table, members in tables_of(lines).items()
        ],
        plots={name: inline(svg) for name, svg in plots.items()},
        missing_metrics=results.missing_metrics,
        failures=[(row, command(row)) for row in failures[:MOST_FAILURES]],
        failure_count=len(failures),
        run=results.run,
        arguments=" ".join(shown_arguments(results)),
    )


def section(
    table: tuple[str, int, str], lines: Sequence[Line], results: Results, images: Path
) -> Section:
    """What the page shows of one table."""
    split, scale, operator = table
    columns = columns_of(lines, results.metrics)
    winners = {facts.column: best(lines, facts) for facts in columns}
    rows = []
    for line in lines:
        scores = [
            Cell(
                figures.score(facts, line.metrics.get(facts.column)),
                line.method in winners[facts.column],
                facts.column in line.partial,
            )
            for facts in columns
        ]
        costs = [figures.seconds(line.latency_s), figures.memory(line.peak_mem_bytes),
                 figures.count(line.parameters), figures.count(line.macs),
                 f"{line.ok}/{line.n}"]  # fmt: skip
        rows.append((line.title, scores, costs))
    return Section(
        title=f"{split}, {scale}x",
        operator=operator,
        headers=[(figures.header(facts), facts.protocol) for facts in columns],
        rows=rows,
        absences=[
            f"{line.title}: {reason}" for line in lines for reason in line.reasons[:3]
        ],
        strips=strips(images / split, [line.method for line in lines if line.ok]),
    )


def strips(
    folder: Path, methods: Sequence[str]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """The example pictures of a split, as data URIs."""
    found = []
    for image in examples(folder, methods):
        strip = []
        for name in ("input", *methods, "truth"):
            path = image / f"{name}.png"
            if path.exists() and path.stat().st_size < MOST_PICTURE_BYTES:
                data = base64.b64encode(path.read_bytes()).decode()
                strip.append((name, f"data:image/png;base64,{data}"))
        found.append((image.name, strip))
    return found


def inline(svg: str) -> Markup:
    """A plot's SVG without the declarations that only a file of its own may have.

    Drawn by matplotlib with text as outlines: no text of a stranger's stands in it as markup.
    """
    return Markup(svg[svg.index("<svg") :])  # noqa: S704


def command(row: Row) -> str:
    """What restores the failed row again."""
    return (
        f"python -m bench run --methods {row.method} --splits {row.split} "
        f"--scale {row.scale} --retry"
    )


def shown_arguments(results: Results) -> list[str]:
    """The arguments of the run."""
    arguments = results.run.get("arguments")
    return [str(part) for part in arguments] if isinstance(arguments, list) else []


