"""Projected discriminator (Sauer et al. 2021, arXiv 2111.01007, section 4).

Images are judged by what a frozen classifier sees of them: its features at four strides are
mixed across channels and scales by fixed random convolutions, and one small discriminator
looks at each scale. Training needs thousands of images where a discriminator of pixels needs
millions.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from bench.training.features import STRIDES, WIDTHS

MIXED_WIDTH = 64
WIDTH = 128


class FeatureProjector(nn.Module):
    """Features mixed across channels (1x1) and then, deepest first, across scales (3x3).

    The mixing is random and never trained: it keeps the discriminators from attending to the
    few features that tell real from generated most easily.
    """

    gains: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.channel_mixing = nn.ModuleList(nn.Conv2d(c, MIXED_WIDTH, 1) for c in WIDTHS)
        self.scale_mixing = nn.ModuleList(
            nn.Conv2d(MIXED_WIDTH, MIXED_WIDTH, 3, padding=1) for _ in WIDTHS
        )
        for mixing in (*self.channel_mixing, *self.scale_mixing):
            nn.init.kaiming_normal_(mixing.weight)
            nn.init.zeros_(mixing.bias)
        self.register_buffer("gains", torch.ones(len(WIDTHS)))
        self.requires_grad_(False)

    def forward(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Maps (N, C, ...) of four strides to maps (N, 64, ...) of the same sizes."""
        mixed = [mix(f) for mix, f in zip(self.channel_mixing, features, strict=True)]
        above: Tensor | None = None
        projected = []
        for mix, x in zip(reversed(self.scale_mixing), reversed(mixed), strict=True):
            here = mix(x if above is None else x + above)
            above = F.interpolate(here, scale_factor=2, mode="bilinear", align_corners=False)
            projected.append(here)
        return [x * gain for x, gain in zip(reversed(projected), self.gains, strict=True)]

    @torch.no_grad()
    def calibrate(self, features: Sequence[Tensor]) -> None:
        """Fix the gains so that every scale of these features comes out with unit variance.

        Random mixing leaves standard deviations of 3 to 38: the discriminators then win by a
        margin of 50 within ten steps, and the generator learns nothing.
        """
        self.gains.fill_(1)
        self.gains.copy_(torch.stack([1 / x.std() for x in self(features)]))


class ScaleDiscriminator(nn.Sequential):
    """Strided convolutions of maps `side` pixels a side down to 4x4, then to a logit a class.

    Every weight is spectrally normalised.
    """

    def __init__(self, side: int, classes: int) -> None:
        layers: list[nn.Module] = []
        width = MIXED_WIDTH
        while side > 4:
            layers += [spectral_norm(nn.Conv2d(width, WIDTH, 4, 2, 1)), nn.LeakyReLU(0.2)]
            width, side = WIDTH, side // 2
        layers += [spectral_norm(nn.Conv2d(width, WIDTH, 3, 1, 1)), nn.LeakyReLU(0.2)]
        layers += [spectral_norm(nn.Conv2d(WIDTH, classes, side))]
        super().__init__(*layers)


class ProjectedDiscriminator(nn.Module):
    """One discriminator a scale; only these are trained.

    classes: how many, of which each has a logit of its own. Without, a generator of several
    classes draws one for another: after 3,200 images it drew towers for cars.
    """

    def __init__(self, resolution: int, classes: int = 1) -> None:
        super().__init__()
        sides = (resolution // stride for stride in STRIDES)
        self.scales = nn.ModuleList(ScaleDiscriminator(side, classes) for side in sides)

    def forward(self, projected: Sequence[Tensor], labels: Tensor | None = None) -> list[Tensor]:
        """Logits (N, 1, 1, 1) of each scale: positive where the image is taken for real, and for
        one of its class (N,), if there are several."""
        found = [d(x) for d, x in zip(self.scales, projected, strict=True)]
        if labels is None:
            return found
        return [logits.take_along_dim(labels[:, None, None, None], 1) for logits in found]


def discriminator_hinge(logits: Sequence[Tensor], real: int) -> Tensor:
    """Hinge loss, summed over scales, of batches whose first `real` images are real."""
    terms = [F.relu(1 - x[:real]).mean() + F.relu(1 + x[real:]).mean() for x in logits]
    return torch.stack(terms).sum()


def generator_hinge(fake: Sequence[Tensor]) -> Tensor:
    """What the generator minimises: the negated logits, summed over scales."""
    return -torch.stack([f.mean() for f in fake]).sum()
