"""DGP's settings: the presets of its code for super-resolution, and what else may be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from methods.search.adapter import SearchSettings
from methods.search.fine_tuning import FineTuningStage

FEATURES = 8  # of the discriminator's, the last ones, that every stage compares
GROUPS = (2, 3, 4, 5, 99)  # of the generator's that learn in each stage; at last all there are


@dataclass(frozen=True)
class Preset:
    """A row of the official scripts; each list has a number for each stage."""

    feature_weight: tuple[float, ...]
    mse_weight: tuple[float, ...]
    generator_rate: tuple[float, ...]
    latent_rate: tuple[float, ...]
    instance_norms: bool


PRESETS: Mapping[str, Preset] = {
    "d-biased": Preset(
        feature_weight=(1, 1, 1, 1, 1),
        mse_weight=(1, 1, 1, 1, 1),
        generator_rate=(5e-5, 5e-5, 2e-5, 1e-5, 1e-5),
        latent_rate=(2e-3, 1e-3, 2e-5, 1e-5, 1e-5),
        instance_norms=False,
    ),
    "mse-biased": Preset(
        feature_weight=(1, 1, 1, 0.5, 0.1),
        mse_weight=(10, 10, 10, 50, 100),
        generator_rate=(2e-4, 2e-4, 1e-4, 1e-4, 1e-5),
        latent_rate=(1e-3, 1e-3, 1e-4, 1e-4, 1e-5),
        instance_norms=True,
    ),
}


class DGPSettings(SearchSettings):
    """The defaults are those of the paper's code."""

    preset: Literal["d-biased", "mse-biased"] = "d-biased"
    steps: PositiveInt = 1000  # divided evenly among the stages
    rate_factor: PositiveFloat = 1.0  # of every learning rate, for searches of fewer steps
    candidates: PositiveInt = 500  # draws, of which the nearest to y is where the search starts
    spread: PositiveFloat = 0.3  # deviation of the draws
    selection_features: PositiveInt = 3  # of the discriminator's, the last ones
    prior_weight: NonNegativeFloat = 0.02
    # Index of the class. Without one it is that of the split, where the file of the generator names
    # its classes and has the split among them, and else another at random for each draw.
    category: NonNegativeInt | None = None
    enlargement: Literal["bilinear", "nearest"] = "bilinear"  # before the discriminator looks
    # The squared error is taken at the size of y, as this benchmark's searches do; the published
    # code takes it of the enlarged pictures, which weighs it less.
    mse_at: Literal["y", "full"] = "y"

    def stages(self, steps: int) -> list[FineTuningStage]:
        """The preset's stages, of `steps` steps together."""
        preset, (each, rest) = PRESETS[self.preset], divmod(steps, len(GROUPS))
        return [
            FineTuningStage(
                steps=each + (i < rest),
                features=FEATURES,
                groups=groups,
                feature_weight=preset.feature_weight[i],
                mse_weight=preset.mse_weight[i],
                latent_rate=preset.latent_rate[i] * self.rate_factor,
                generator_rate=preset.generator_rate[i] * self.rate_factor,
                instance_norms=preset.instance_norms,
            )
            for i, groups in enumerate(GROUPS)
        ]
