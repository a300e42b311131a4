"""Who is told how a training goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Reporter(Protocol):
    """Told of every step and of every checkpoint."""

    def step(
        self, images: int, speed: float, losses: Mapping[str, float], done: float, left_s: float
    ) -> None:
        """`done` is the part of the budget that is used, `left_s` the time that remains."""
        ...

    def say(self, text: str) -> None:
        """One line that stays."""
        ...
