"""Between what SRNTT lies: a reference that was drawn, and one of the same person."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from methods.references import other_view
from methods.srntt import SRNTT


class SRNTTRandom(SRNTT):
    """The lower bound: a reference of the category, drawn."""

    stochastic = True

    def chosen(self, y: Tensor, seed: int) -> list[Path]:
        return self.pool.at_random(seed, self.settings.references)


class SRNTTOracle(SRNTT):
    """The upper bound: it is told which picture shows the same person, under another view."""

    takes = "views"

    def prepare(self) -> None:
        """The views are told for each y."""

    def chosen(self, y: Tensor, seed: int) -> list[Path]:
        return [other_view(self.task, y)]
