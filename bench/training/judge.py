"""An adversary of frozen features and the discriminators on them, shared by all recipes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from bench.training.augment import augment
from bench.training.features import EfficientNetLite0Features
from bench.training.precision import autocast
from bench.training.projected_gan import (
    FeatureProjector,
    ProjectedDiscriminator,
    discriminator_hinge,
    generator_hinge,
)

CALIBRATION_IMAGES = 256
BETAS = (0.0, 0.99)


class Judge:
    """Projected discriminators with their optimiser.

    `learn` updates them and returns what the generator is told: its own loss, with gradients to
    the generated images, so that one pass over these serves both players.
    """

    def __init__(
        self,
        features: EfficientNetLite0Features,
        real: Tensor,
        learning_rate: float,
        classes: int = 1,
    ) -> None:
        self.features = features
        self.device = real.device
        self.projector = FeatureProjector().to(self.device)
        with torch.no_grad():
            self.projector.calibrate(features(real))
        self.discriminator = ProjectedDiscriminator(real.shape[-1], classes).to(self.device)
        self.adam = torch.optim.Adam(
            self.discriminator.parameters(), learning_rate, BETAS, fused=True
        )

    def learn(
        self, real: Sequence[Tensor], fake: Sequence[Tensor], labels: Tensor | None = None
    ) -> tuple[Tensor, float]:
        """One update on what `look` or `project` gave; the generator's loss and the judge's own.

        labels: (N,) classes, the same of the real images as of the generated ones.
        """
        # In one pass, which normalises the weights and takes their gradients once.
        both = [torch.cat((r, f.detach())) for r, f in zip(real, fake, strict=True)]
        with autocast(self.device):
            twice = None if labels is None else labels.repeat(2)
            loss = discriminator_hinge(self.discriminator(both, twice), len(real[0]))
        self.adam.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.adam.step()
        self.discriminator.requires_grad_(False)
        with autocast(self.device):
            verdict = generator_hinge(self.discriminator(fake, labels))
        self.discriminator.requires_grad_(True)
        return verdict, loss.item()

    def look(self, images: Tensor) -> list[Tensor]:
        """What the discriminators see of images (N, 3, S, S) in [-1, 1], augmented."""
        with autocast(self.device):
            features = self.features(augment(images))
        return self.project(features)

    def project(self, features: Sequence[Tensor]) -> list[Tensor]:
        """What they see of images whose features are known."""
        with autocast(self.device):
            projected: list[Tensor] = self.projector(features)
        return projected

    def state_dict(self) -> dict[str, Any]:
        """The discriminators, their random projection and their optimiser."""
        return {
            "projector": self.projector.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "adam": self.adam.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.projector.load_state_dict(state["projector"])
        self.discriminator.load_state_dict(state["discriminator"])
        self.adam.load_state_dict(state["adam"])
