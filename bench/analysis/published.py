"""The figures of papers as data, and whether measured ones may be held against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt, ValidationError

from bench.core.errors import BenchError
from bench.core.paths import data_dir
from bench.core.rows import TableKey
from bench.core.toml_files import explain, read_toml
from bench.metrics.facts import MetricFacts


class PublishedTable(BaseModel):
    """The figures of one metric at one scale."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str  # where it stands: "Table 2", "metafile", "issue 11"
    by: str = ""  # who measured, where that is not the paper itself
    metric: str  # a metric column; `lpips` where the network was never stated
    title: str  # of the metric
    scale: PositiveInt
    protocol: str
    protocol_known: bool  # False: what changes the number was left open
    tolerance: PositiveFloat | None = None  # a measured value as near as this reproduces it
    values: dict[str, dict[str, float]]  # split to method to figure


class PublishedShare(BaseModel):
    """What methods cost, in per cent of what another one does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str  # where it stands
    of: str  # the method that costs 100 per cent
    cost: Literal["parameters", "macs"]
    title: str  # of the cost
    values: dict[str, PositiveFloat]  # method to per cent


class Publication(BaseModel):
    """Tables of one source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    source: str
    suite: str  # the suite whose conditions are theirs
    kernel: str = "matlab-bicubic"  # of the degradation
    pictures: dict[str, str] = {}  # split to what the figures were measured on
    counts: dict[str, PositiveInt] = {}  # split to how many pictures these are, where it is known
    names: dict[str, str] = {}  # methods that the source calls otherwise than this project
    models: dict[str, str] = {}  # methods whose network of the source nobody has, and why
    table: tuple[PublishedTable, ...] = ()
    share: tuple[PublishedShare, ...] = ()

    def tables_of(self, table: TableKey) -> list[PublishedTable]:
        """Its tables that have figures of this split at this scale."""
        return [t for t in self.table if t.scale == table.scale and table.split in t.values]

    def name_of(self, method: str, titles: Mapping[str, str]) -> str:
        """What the source calls the method."""
        return self.names.get(method) or titles.get(method, method)

    def obstacle(self, split: str, suite: Mapping[str, Any]) -> str:
        """Why its figures of the split cannot be held against a run's; empty if they can.

        suite: the suite of the run, as `run.json` has it.
        """
        entry = suite.get("splits", {}).get(split, {})
        side = entry.get("size") or suite.get("default_size")
        if suite.get("name") != self.suite:
            measured = f"{side} px pictures" if side else "pictures"
            return f"{measured} of suite {suite.get('name', 'unknown')}, not {self.pictures[split]}"
        if not entry.get("list"):
            return str(entry.get("statement") or "the published test list was not released")
        return ""


def read_publication(path: Path) -> Publication:
    """The publication in a TOML file. Raises `BenchError` naming all that is wrong in it."""
    try:
        publication = Publication(**read_toml(path))
    except ValidationError as error:
        parts = (Publication, PublishedTable, PublishedShare)
        known = [field for part in parts for field in part.model_fields]
        raise BenchError(explain(error, str(path), known)) from None
    for table in publication.table:
        if unknown := sorted(table.values.keys() - publication.pictures.keys()):
            raise BenchError(
                f"{path}: {table.name} has figures of {', '.join(unknown)}, but [pictures] does "
                f"not say what they were measured on; it knows {', '.join(publication.pictures)}"
            )
        if table.protocol_known and table.tolerance is None:
            raise BenchError(
                f"{path}: {table.name} has a known protocol but no tolerance: say how near a "
                "measured value must come to reproduce the figure, as tolerance = 0.1"
            )
    # Shares are of whole networks: those trained here, at other sizes, never answer to them.
    methods = {method for share in publication.share for method in share.values}
    if unexplained := sorted(methods - publication.models.keys()):
        raise BenchError(
            f"{path}: it has shares of {', '.join(unexplained)}, but [models] does not say why no "
            "network measured here answers to them"
        )
    return publication


def answering(
    published: PublishedTable, beside: Sequence[PublishedTable], metrics: Sequence[MetricFacts]
) -> tuple[MetricFacts, ...]:
    """The measured column of a published metric; of one whose variant was not stated, every
    variant that the same people did not publish beside it."""
    stated = {table.metric for table in beside if table.by == published.by}
    return tuple(
        facts
        for facts in metrics
        if facts.column == published.metric
        or (facts.column.startswith(f"{published.metric}_") and facts.column not in stated)
    )


def shares_told(method: str) -> list[str]:
    """The published shares of a method's costs, in words, each with why none compares."""
    return [
        f"{share.values[method]:g}% of {share.of}'s {share.title} ({share.name} of "
        f"{publication.title}); not comparable: {publication.models[method]}"
        for publication in publications()
        for share in publication.share
        if method in share.values
    ]


@cache
def publications() -> tuple[Publication, ...]:
    """All that come with the project."""
    folder = data_dir("reports") / "published"
    return tuple(read_publication(path) for path in sorted(folder.glob("*.toml")))
