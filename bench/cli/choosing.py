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
    cards_shown = list(chosen)
    sizes = [size_of(card) for card in cards_shown]
    rows = [
        [
            *(card.name, state_of(card, out), size or "not published", card.kind),
            *(", ".join(map(str, card.serves)), card.licence),
        ]
        for card, size in zip(cards_shown, sizes, strict=True)
    ]
    headers = ["name", "here", "size", "kind", "serves", "licence"]
    if not any(sizes):  # of none of them one is published
        rows = [[*row[:2], *row[3:]] for row in rows]
        headers.remove("size")
    widths = [*[None] * (len(headers) - 1), 50]
    return tabulate(rows, headers, tablefmt="simple", maxcolwidths=widths)


def size_of(card: Card) -> str:
    """Such as `6.4 MB`, or `about 244 MB` of a file that is not here; empty where none is known."""
    here = next((place.stat().st_size for place in places_of(card)), card.bytes)
    if here:
        return f"{here / 1e6:.1f} MB"
    return f"about {card.about_mb:.0f} MB" if card.about_mb else ""


def state_of(card: Card, out: Path | None) -> str:
    """Whether the card's file is here, or how it can be had."""
    if in_place(card, out):
        return "yes"
    if places_of(card):
        return "another file of its name"
    return "missing" if card.is_fetched else "missing, by hand"
