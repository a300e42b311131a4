"""SinGAN's settings: those of its code in super-resolution mode."""

from __future__ import annotations

from typing import Literal

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from methods.settings import NOT_IN_PAPER, Settings, setting

SMALLEST_SIDE = 11  # that its discriminator, five unpadded convolutions of 3x3, can look at


class SinGANSettings(Settings):
    """The defaults are those of the paper's code."""

    steps: PositiveInt = setting(2000, "Iterations at each scale.")
    discriminator_steps: PositiveInt = setting(3, "Steps of the discriminator in each iteration.")
    generator_steps: PositiveInt = setting(3, "Steps of the generator in each iteration.")
    learning_rate: PositiveFloat = setting(5e-4, "Of both networks.")
    betas: tuple[float, float] = setting((0.5, 0.999), "Adam's.")
    rate_drop: float = setting(
        0.8, "Part of the iterations after which the learning rates are a tenth.", gt=0, le=1
    )
    reconstruction_weight: NonNegativeFloat = setting(
        100.0, "Weight of the squared error of the picture that known noise gives."
    )
    penalty_weight: NonNegativeFloat = setting(0.1, "Weight of the gradient penalty.")
    noise_factor: PositiveFloat = setting(
        0.1, "Amplitude of a scale's noise, in parts of its error of reconstruction."
    )
    smallest_side: int = setting(
        18, "Short side of the coarsest scale, in pixels.", ge=SMALLEST_SIDE
    )
    largest_side: PositiveInt = setting(
        250, "Long side of the finest scale; larger inputs are reduced to it."
    )
    narrowest: PositiveInt = setting(32, "Channels of the first four scales.")
    small_inputs: Literal["enlarge", "refuse"] = setting(
        "enlarge",
        "Inputs too small for the published pyramid are enlarged first by its own steps, or "
        "refused as not applicable: the published code fails on them.",
        paper=NOT_IN_PAPER,
    )
