"""`report.html`: one self-contained page; nothing in it is fetched, everything is escaped."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup, escape
from PIL import Image

from bench.report.conditions import command, conditions, origin, suite_title
from bench.report.examples import Example, examples
from bench.report.literature import LiteratureTable, literature_tables
from bench.report.markdown import HOW, metric_title
from bench.report.plots import Plot
from bench.report.ranking import tables_of
from bench.report.tables import COST_HEADERS, SummaryTable, display_names, summary_table
from bench.results import Results
from bench.rows import Row
from bench.summary import Line

LARGEST = 256  # pixels; larger pictures are reduced for the page, and stand whole in images/
MOST_BYTES = 24_000_000  # of pictures in the page; those beyond it are left out, and it says so
MOST_FAILURES = 50


@dataclass(frozen=True)
class InlinePicture:
    """A picture as a data URI."""

    caption: str
    uri: str


@dataclass(frozen=True)
class Strip:
    """One image: what the methods received, what they made of it, and what it was."""

    image: str
    pictures: tuple[InlinePicture, ...]


@dataclass(frozen=True)
class Section:
    """One split at one scale."""

    summary: SummaryTable
    literature: tuple[LiteratureTable, ...]
    strips: tuple[Strip, ...]


@dataclass(frozen=True)
class InlinePlot:
    """A plot as a data URI: an image of its own, whose text can never become part of the page."""

    name: str
    caption: str
    uri: str


@dataclass(frozen=True)
class Page:
    """All that the template shows."""

    title: str
    origin: str
    sections: tuple[Section, ...]
    cost_headers: tuple[str, ...]
    plots: tuple[InlinePlot, ...]
    pictures_left_out: int
    failures: tuple[Row, ...]
    failure_count: int
    missing_metrics: tuple[tuple[str, str], ...]  # title and reason
    cautions: tuple[str, ...]
    how: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...]
    again: str  # the command that makes the run again
    retry: str  # the command that tries the failed rows again


def render_page(
    results: Results, lines: Sequence[Line], plots: Sequence[Plot], images: Path | None
) -> str:
    """The page as HTML."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bench.report", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["code"] = with_code
    page = make_page(results, lines, plots, images)
    return environment.get_template("page.html.j2").render(page=page)


def make_page(
    results: Results, lines: Sequence[Line], plots: Sequence[Plot], images: Path | None
) -> Page:
    """What the page shows of the results."""
    budget = Budget(MOST_BYTES)
    failures = [row for row in results.rows if row.state.is_failure]
    sections = []
    for table, members in tables_of(lines).items():
        names = display_names(members)
        shown = examples(images, table, members, results)
        strips = (strip(example, names, budget) for example in shown)
        sections.append(
            Section(
                summary_table(table, members, results.metrics),
                tuple(literature_tables(table, members, results)),
                tuple(found for found in strips if found),
            )
        )
    return Page(
        title=suite_title(results),
        origin=origin(results),
        sections=tuple(sections),
        cost_headers=COST_HEADERS,
        plots=tuple(
            InlinePlot(plot.name, plot.caption, data_uri("image/svg+xml", plot.svg))
            for plot in plots
        ),
        pictures_left_out=budget.refused,
        failures=tuple(failures[:MOST_FAILURES]),
        failure_count=len(failures),
        missing_metrics=tuple(
            (metric_title(column), why) for column, why in results.missing_metrics.items()
        ),
        cautions=tuple(caution.text for caution in results.cautions),
        how=tuple(line.removeprefix("- ") for line in HOW.splitlines()),
        conditions=tuple(conditions(results)),
        again=command(results),
        retry=command(results, "--retry"),
    )


class Budget:
    """Bytes of pictures that the page may still take, and how many strips it refused."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.refused = 0

    def takes(self, size: int) -> bool:
        """Spend `size` bytes, or refuse."""
        if size > self.left:
            self.refused += 1
            return False
        self.left -= size
        return True


def strip(example: Example, names: dict[str, str], budget: Budget) -> Strip | None:
    """The image's pictures, if the page still has room for them."""
    paths = {"input": example.input}
    paths |= {names[method]: path for method, path in example.restored.items()}
    paths["truth"] = example.truth
    pictures = tuple(InlinePicture(name, picture_uri(path)) for name, path in paths.items())
    fits = budget.takes(sum(len(picture.uri) for picture in pictures))
    return Strip(example.name, pictures) if fits else None


def picture_uri(path: Path) -> str:
    """The file itself, or a reduced copy of a large picture."""
    with Image.open(path) as picture:
        if max(picture.size) <= LARGEST:
            return data_uri("image/png", path.read_bytes())
        reduced = picture.convert("RGB")
    reduced.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    reduced.save(data, "WEBP", quality=92)
    return data_uri("image/webp", data.getvalue())


def data_uri(kind: str, data: bytes) -> str:
    """The bytes as a URI that needs no file."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def with_code(text: str) -> Markup:
    """The text, escaped, with what stands between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick without its partner starts no code
        return escape(text)
    return Markup("").join(pieces(parts))


def pieces(parts: Sequence[str]) -> Iterator[Markup]:
    """Text and code in turn."""
    for i, part in enumerate(parts):
        yield Markup("<code>{}</code>").format(part) if i % 2 else escape(part)
