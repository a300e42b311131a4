"""The figures of papers as data: value, split, metric, protocol, source."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from bench.data import data_dir
from bench.errors import BenchError
from bench.validation import explain


class Figure(BaseModel):
    """One published number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str  # as this project calls it, or as the paper does if it is not among ours
    split: str
    metric: str  # a metric column; `lpips` where the variant was never stated
    value: float
    note: str = ""


class Publication(BaseModel):
    """A table of figures made under one protocol."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    source: str
    scale: int
    suite: str  # the suite that repeats its protocol
    protocol: str
    figure: tuple[Figure, ...]


def read_publication(path: Path) -> Publication:
    """The publication in a TOML file. Raises `BenchError` naming what is wrong in it."""
    try:
        return Publication(**tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        known = [*Publication.model_fields, *Figure.model_fields]
        raise BenchError(explain(error, str(path), known)) from None


@lru_cache(maxsize=1)
def publications() -> tuple[Publication, ...]:
    """All that come with the project."""
    folder = data_dir("reports") / "published"
    return tuple(read_publication(path) for path in sorted(folder.glob("*.toml")))
