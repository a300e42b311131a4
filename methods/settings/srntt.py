"""SRNTT's settings."""

from __future__ import annotations

from typing import Literal

from pydantic import PositiveInt

from methods.settings import NOT_IN_PAPER, Settings, setting


class SRNTTSettings(Settings):
    """Which references, and whose networks."""

    references: PositiveInt = setting(1, "Pictures of the pool to take patches from.")
    weights: Literal["trained", "official"] = setting(
        "trained",
        "Whose networks: those of this project, which match features of VGG16, or the authors' "
        "three files, of which one stage serves for both.",
        paper=NOT_IN_PAPER,
    )
