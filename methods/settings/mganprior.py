"""mGANprior's settings: its paper's defaults for super-resolution."""

from __future__ import annotations

from pydantic import PositiveFloat, PositiveInt

from methods.settings import setting
from methods.settings.search import SearchSettings


class MGANPriorSettings(SearchSettings):
    """Made for PGGAN at 1024 pixels."""

    codes: PositiveInt = setting(20, "Latent codes, whose features are summed.")
    composing_layer: PositiveInt = setting(6, "The layer after which they are summed.")
    steps: PositiveInt = setting(2000, "Steps of the descent.")
    learning_rate: PositiveFloat = setting(1.0, "The rate of plain gradient descent.")
    perceptual_weight: float = setting(
        1e-3, "Weight of VGG16's loss, which is left out where its file is missing.", ge=0
    )
    perceptual_size: PositiveInt = setting(256, "Side in pixels to which y is enlarged for VGG16.")
