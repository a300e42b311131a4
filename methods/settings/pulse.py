"""PULSE's settings: its paper's, and its code's, defaults."""

from __future__ import annotations

from pydantic import PositiveFloat, PositiveInt

from methods.settings import setting
from methods.settings.search import TOLERANCE, SearchSettings


class PULSESettings(SearchSettings):
    """Below the tolerance fidelity is not improved."""

    steps: PositiveInt = setting(100, "Steps of the descent.")
    tolerance: PositiveFloat = setting(2e-3, f"{TOLERANCE} Below it fidelity is not improved.")
    learning_rate: PositiveFloat = setting(0.4, "The highest rate of Adam's schedule.")
    fidelity_weight: float = setting(100.0, "Weight of the squared error against y.", ge=0)
    geocross_weight: float = setting(
        0.05, "Weight of how far the latents of an image lie apart.", ge=0
    )
    trainable_noise_layers: int = setting(
        5, "Noise maps that are searched, the coarsest; others stay as drawn, the last zero.", ge=0
    )
