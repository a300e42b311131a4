"""DGP's settings: those of its paper's code, and what else may be chosen."""

from __future__ import annotations

from typing import Literal

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from methods.settings import NOT_IN_PAPER, setting
from methods.settings.search import SearchSettings


class DGPSettings(SearchSettings):
    """The stages of a preset stand in `methods/dgp_stages.py`."""

    preset: Literal["d-biased", "mse-biased"] = setting(
        "d-biased", "Which of the published rows of weights and rates."
    )
    steps: PositiveInt = setting(1000, "Steps of the search, divided evenly among the stages.")
    rate_factor: PositiveFloat = setting(
        1.0, "Factor of every learning rate, for searches of fewer steps.", paper=NOT_IN_PAPER
    )
    candidates: PositiveInt = setting(
        500, "Random draws, of which the nearest to y is where the search starts."
    )
    spread: PositiveFloat = setting(0.3, "Standard deviation of the draws.")
    selection_features: PositiveInt = setting(
        3, "Features of the discriminator, the last ones, by which the nearest is told."
    )
    prior_weight: NonNegativeFloat = setting(0.02, "Weight of the length of z.")
    category: NonNegativeInt | None = setting(
        None,
        "Index of the class; without one that of the split, where the generator's file names its "
        "classes and has it, else another at random for each draw.",
    )
    enlargement: Literal["bilinear", "nearest"] = setting(
        "bilinear", "How y is enlarged before the discriminator looks."
    )
    # As this benchmark's searches do; of the enlarged pictures it weighs less.
    mse_at: Literal["y", "full"] = setting(
        "y", "Whether the squared error is taken at the size of y or of it enlarged.", paper="full"
    )
