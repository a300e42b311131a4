"""Where files of weights lie, and the cards that describe them.

The folders of BENCH_WEIGHTS come first, then the user's cache, then what ships with the project;
each with the folders in it, as `bench train all` leaves them.
A card `X.toml` beside `X.safetensors`, `X.pth`, `X.npz` or `X.onnx` makes X known: so are found the
weights that `bench train` wrote, a user's own, and those that ship. A card that says its `file`
and where that comes from (`url`) needs no file yet: `bench fetch X` gets it. Many such cards may
stand in one `registry.toml`, a table each, as those of the published files do.
"""

from __future__ import annotations

import os
import tomllib
import warnings
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from bench.core.errors import UNREADABLE, BenchError
from bench.core.paths import cache_dir
from bench.weights.card import Card, make_card

SUFFIXES = (".safetensors", ".pth", ".pt", ".npz", ".onnx")
REGISTRY = "registry.toml"


def shipped_dir() -> Path:
    """The registry of published files, and the weights that come with the project."""
    return Path(__file__).parents[2] / "methods" / "weights"


def named_folders() -> list[Path]:
    """Those of BENCH_WEIGHTS."""
    return [Path(part) for part in os.environ.get("BENCH_WEIGHTS", "").split(os.pathsep) if part]


def check_named_folders() -> None:
    """Raise `BenchError` if BENCH_WEIGHTS names what is no folder: nothing is found there.

    For what looks for weights; what puts some there may make the folder yet.
    """
    for folder in named_folders():
        if not folder.is_dir():
            what = "a file" if folder.exists() else "no folder that is here"
            raise BenchError(
                f"BENCH_WEIGHTS names {folder}, which is {what}: its folders, separated by "
                f"{os.pathsep!r}, are searched for weights; correct it, or unset BENCH_WEIGHTS"
            )


def search_path() -> list[Path]:
    """The folders that are searched for files of weights, first come first served."""
    tops = [*named_folders(), cache_dir() / "weights", shipped_dir()]
    return [folder for top in tops for folder in (top, *folders_in(top))]


def folders_in(folder: Path) -> list[Path]:
    """The folders in a folder, by name; none where it cannot be read."""
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return []


def cards() -> dict[str, Card]:
    """Every known card by name, those of earlier folders before those of later ones."""
    found: dict[str, Card] = {}
    for folder in search_path():
        for card in chain(single_cards(folder), registry(folder)):
            found.setdefault(card.name, card)
    return found


def registry(folder: Path) -> Iterator[Card]:
    """The cards in a folder's `registry.toml`, one a table; a bad one is passed over."""
    path = folder / REGISTRY
    for name, facts in read_toml(path).items() if path.is_file() else ():
        yield from card_of(name, facts, path)


def single_cards(folder: Path) -> Iterator[Card]:
    """The cards of which each has a file of its own; other TOML files are none of ours."""
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        if path.name == REGISTRY:
            continue
        beside = (path.with_suffix(suffix) for suffix in SUFFIXES)
        file = next((place for place in beside if place.exists()), None)
        facts = read_toml(path)
        if file is not None:
            yield from card_of(path.stem, {"file": file.name, **facts}, path)
        elif "file" in facts and facts.keys() & {"url", "page", "manual"}:
            yield from card_of(path.stem, facts, path)


def read_toml(path: Path) -> Mapping[str, Any]:
    """What the file holds; nothing, and a warning, if it is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, *UNREADABLE) as error:
        warnings.warn(f"{path} passed over: {error}", stacklevel=2)
        return {}


def card_of(name: str, facts: Any, path: Path) -> Iterator[Card]:
    """The card of these facts; a bad one is warned of and passed over."""
    try:
        yield make_card(name, facts, path)
    except BenchError as error:
        warnings.warn(f"card passed over: {error}", stacklevel=2)


def places_of(card: Card) -> list[Path]:
    """The files of that name on the search path."""
    places = (folder / card.file for folder in search_path())
    return [place for place in places if place.is_file()]
