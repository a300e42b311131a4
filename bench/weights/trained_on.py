"""What a file of weights was trained on, as far as its card says."""

from __future__ import annotations

from bench.weights.card import Card
from bench.weights.shelves import search_path
from bench.weights.training_pictures import count_in

UNKNOWN = "not on record"


def trained_on_told(card: Card | None) -> str:
    """Such as `rendered pictures of face: lists be79e7b34794 (2,600), 48dc3408e0d4 (344)`; the
    numbers are those of the lists, held-out pictures included."""
    if card is None:
        return UNKNOWN
    if card.trained_on:
        return card.trained_on
    domains = {serves.domain for serves in card.serves}
    splits = ", ".join(dict.fromkeys(serves.split for serves in card.serves if serves.split))
    kind = "rendered pictures" if domains == {"rendered"} else "pictures"
    kind += f" of {splits}" if splits else ""
    if card.pictures:
        lists = ", ".join(map(listed, card.pictures))
        return f"{kind}: {'list' if len(card.pictures) == 1 else 'lists'} {lists}"
    count = card.settings.get("trained_on")
    return f"{count:,} {kind}" if isinstance(count, int) else UNKNOWN


def listed(name: str) -> str:
    """The list of that name, with how many pictures it has where it is here."""
    places = (folder / name for folder in search_path())
    count = next((f" ({count_in(place):,})" for place in places if place.is_file()), "")
    return f"{name.partition('.')[0]}{count}"
