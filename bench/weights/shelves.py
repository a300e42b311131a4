"""Where files of weights lie, and the cards that describe them.

The folders of BENCH_WEIGHTS come first, then the user's cache, then what ships with the project.
A card `X.toml` beside `X.safetensors`, `X.pth` or `X.onnx` makes X known: so are found the
weights that `bench train` wrote, a user's own, and those that ship.
"""

from __future__ import annotations

import os
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path

from bench.errors import BenchError
from bench.weights.card import Card, make_card

SUFFIXES = (".safetensors", ".pth", ".pt", ".onnx")


def shipped_dir() -> Path:
    """The registry of published files, and the weights that come with the project."""
    return Path(__file__).parents[2] / "methods" / "weights"


def cache_dir() -> Path:
    """Where things worth keeping between runs go; BENCH_CACHE overrides it."""
    if chosen := os.environ.get("BENCH_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "bench"


def search_path() -> list[Path]:
    """The folders that are searched for files of weights, first come first served."""
    chosen = os.environ.get("BENCH_WEIGHTS", "").split(os.pathsep)
    return [*(Path(part) for part in chosen if part), cache_dir() / "weights", shipped_dir()]


def cards() -> dict[str, Card]:
    """Every known card by name: those beside files of the search path, then the registry's."""
    found: dict[str, Card] = {}
    for card in (*cards_beside_files(), *registry()):
        found.setdefault(card.name, card)
    return found


def registry() -> Iterator[Card]:
    """The published files."""
    path = shipped_dir() / "registry.toml"
    for name, facts in tomllib.loads(path.read_text(encoding="utf-8")).items():
        yield make_card(name, facts, path)


def cards_beside_files() -> Iterator[Card]:
    """The cards in the folders of the search path; a bad one is warned of and passed over."""
    for folder in search_path():
        for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
            file = next(
                (path.with_suffix(s) for s in SUFFIXES if path.with_suffix(s).exists()), None
            )
            if file is None:
                continue
            try:
                facts = {"file": file.name, **tomllib.loads(path.read_text(encoding="utf-8"))}
                yield make_card(path.stem, facts, path)
            except (BenchError, OSError, ValueError) as error:
                warnings.warn(f"card passed over: {error}", stacklevel=2)


def place_of(card: Card) -> Path | None:
    """The first file of that name on the search path."""
    places = (folder / card.file for folder in search_path())
    return next((place for place in places if place.is_file()), None)
