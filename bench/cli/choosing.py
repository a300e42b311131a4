"""Files of weights that a command names, and what is known of each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tabulate import tabulate

from bench.core.errors import BenchError, UnknownName
from bench.weights.card import Card
from bench.weights.fetch import in_place
from bench.weights.shelves import cards, places_of
from methods.registry import known


def choose(
    names: Iterable[str], method: str | None, split: str | None, scale: int | None, everything: bool
) -> list[Card]:
    """The cards asked for, each once."""
    weights, methods = cards(), known()
    chosen: dict[str, Card] = {}
    for name in names:
        if name not in weights:
            hint = f"`python -m bench fetch --method {name}` gets what that method takes."
            raise UnknownName("file", name, weights, hint if name in methods else "")
        chosen[name] = weights[name]
    if method is not None:
        if method not in methods:
            raise UnknownName("method", method, methods)
        kinds = methods[method].weights
        fitting = {n: c for n, c in weights.items() if c.kind in kinds}
        if not fitting:
            raise BenchError(f"{method} takes no files of weights that are known here")
        chosen |= {n: c for n, c in fitting.items() if c.fits(split, scale, None, None)}
        if not chosen:
            served = sorted({str(serves) for card in fitting.values() for serves in card.serves})
            raise BenchError(f"no known file serves that; those of {method}: {', '.join(served)}")
    if everything and not chosen:
        chosen = {n: c for n, c in weights.items() if c.fits(split, scale, None, None)}
    return list(chosen.values())


def table(chosen: Iterable[Card], out: Path | None) -> str:
    """What is known of each file: whether it is here, size, use and licence."""
    rows = []
    for card in chosen:
        size = next((place.stat().st_size for place in places_of(card)), card.bytes)
        told = f"{size / 1e6:.1f} MB" if size else "not published"
        serves = ", ".join(map(str, card.serves))
        rows.append([card.name, state_of(card, out), told, card.kind, serves, card.licence])
    headers = ["name", "here", "size", "kind", "serves", "licence"]
    return tabulate(rows, headers, tablefmt="simple", maxcolwidths=[*[None] * 5, 50])


def state_of(card: Card, out: Path | None) -> str:
    """Whether the card's file is here, or how it can be had."""
    if in_place(card, out):
        return "yes"
    if places_of(card):
        return "another file of its name"
    return "missing" if card.url else "missing, by hand"
