"""What every search has."""

from __future__ import annotations

from pydantic import PositiveFloat, PositiveInt

from methods.settings import NOT_IN_PAPER, Settings, setting

TOLERANCE = "Mean squared error of the degraded picture against y that counts as reached."


class SearchSettings(Settings):
    """How long, and how near is near enough."""

    steps: PositiveInt = setting(..., "Steps of the descent.")
    tolerance: PositiveFloat = setting(2e-3, TOLERANCE, paper=NOT_IN_PAPER)
