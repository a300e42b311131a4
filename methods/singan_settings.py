"""SinGAN's settings: those of its code in super-resolution mode."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from methods.base import Settings

SMALLEST_SIDE = 11  # that its discriminator, five unpadded convolutions of 3x3, can look at


class SinGANSettings(Settings):
    """The defaults are those of the paper's code."""

    steps: PositiveInt = 2000  # iterations at each scale
    discriminator_steps: PositiveInt = 3  # in each iteration
    generator_steps: PositiveInt = 3
    learning_rate: PositiveFloat = 5e-4  # of both networks
    betas: tuple[float, float] = (0.5, 0.999)  # Adam's
    rate_drop: float = Field(default=0.8, gt=0, le=1)  # part of the steps; then it is a tenth
    reconstruction_weight: NonNegativeFloat = 100.0
    penalty_weight: NonNegativeFloat = 0.1
    noise_factor: PositiveFloat = 0.1  # amplitude, in parts of a scale's error of reconstruction
    smallest_side: int = Field(default=18, ge=SMALLEST_SIDE)  # short side of the coarsest scale
    largest_side: PositiveInt = 250  # long side of the finest; larger inputs are reduced to it
    narrowest: PositiveInt = 32  # channels of the first four scales
    # Inputs that are too small for the published pyramid are enlarged first, by its own steps, or
    # refused as not applicable: the published code fails on them.
    small_inputs: Literal["enlarge", "refuse"] = "enlarge"
