"""`report.html`: one page that needs no network; everything from the run is escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from bench.analysis.analysis import Analysis
from bench.core.rows import TableKey
from bench.report.page.content import make_page
from bench.report.page.data import as_json
from bench.report.pictures.examples import Example
from bench.report.tables.factors import FACTORS_NOTE
from bench.report.tables.measured import HEADERS as MEASURED_HEADERS
from bench.report.tables.measured import NOTE as MEASURED_NOTE
from bench.report.tables.pairwise import PAIR_HEADERS
from bench.report.tables.seeds import SEED_HEADERS, SEED_NOTE

__all__ = ["render_page"]

SCRIPTS = ("base.js", "table.js", "plots.js", "charts.js", "viewer.js", "strip.js", "gallery.js")


def render_page(
    analysis: Analysis,
    pictures: Mapping[TableKey, Sequence[Example]],
    plots: Sequence[str],
    out: Path,
) -> str:
    """The page as HTML.

    plots: names of files in `out`/plots.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bench.report.page", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["code"] = with_code
    environment.filters["breakable"] = breakable
    parts = "\n".join(source(environment, name) for name in SCRIPTS)
    script = f'\n(() => {{\n"use strict";\n{parts}\n}})();\n'
    page = make_page(analysis, pictures, plots, out)
    return environment.get_template("page.html.j2").render(
        page=page,
        style=Markup(source(environment, "page.css")),  # noqa: S704 - the project's own file
        script=Markup(script),  # noqa: S704 - likewise
        script_hash=digest(script),
        data=Markup(as_json(page.data)),  # noqa: S704 - no character in it ends a script
        pair_headers=PAIR_HEADERS,
        seed_headers=SEED_HEADERS,
        seed_note=SEED_NOTE,
        factors_note=FACTORS_NOTE,
        measured_headers=MEASURED_HEADERS,
        measured_note=MEASURED_NOTE,
        uris=Markup(as_json(page.uris)),  # noqa: S704 - likewise
    )


def source(environment: jinja2.Environment, name: str) -> str:
    """A template file as it is."""
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def digest(script: str) -> str:
    """What the page's policy calls the only script that may run."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


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


def breakable(text: str) -> Markup:
    """The text, escaped, with leave to break lines after slashes and hyphens."""
    return Markup(str(escape(text)).replace("/", "/<wbr>").replace("-", "-<wbr>"))  # noqa: S704
