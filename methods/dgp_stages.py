"""DGP's stages: the presets of its code for super-resolution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from methods.search.fine_tuning import FineTuningStage
from methods.settings.dgp import DGPSettings

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


def stages_of(settings: DGPSettings, steps: int) -> list[FineTuningStage]:
    """The stages of the settings' preset, of `steps` steps together."""
    preset, (each, rest) = PRESETS[settings.preset], divmod(steps, len(GROUPS))
    return [
        FineTuningStage(
            steps=each + (i < rest),
            features=FEATURES,
            groups=groups,
            feature_weight=preset.feature_weight[i],
            mse_weight=preset.mse_weight[i],
            latent_rate=preset.latent_rate[i] * settings.rate_factor,
            generator_rate=preset.generator_rate[i] * settings.rate_factor,
            instance_norms=preset.instance_norms,
        )
        for i, groups in enumerate(GROUPS)
    ]
