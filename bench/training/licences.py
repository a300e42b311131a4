"""What the card of new weights says of their licence."""

from __future__ import annotations

from pathlib import Path

from bench.training.data import TrainingPictures
from bench.weights.shelves import read_toml

OWN = "Apache-2.0"  # the project's, of the pictures that it renders too
UNSTATED = "unstated: that of the pictures trained on"


def licence_of(pictures: TrainingPictures, built_on: Path | None = None) -> str:
    """The project's own for weights of nothing but rendered pictures; no other is known.

    built_on: weights that are contained, and whose terms go on, those of its card if it has one.
    """
    if pictures.domain != "rendered":
        return UNSTATED
    if built_on is None:
        return OWN
    card = built_on.with_suffix(".toml")
    terms = str(read_toml(card).get("licence", "")) if card.is_file() else ""
    return OWN if terms == OWN else f"that of the bank in it: {terms or 'unstated'}"
