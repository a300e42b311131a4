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

from methods.training.features import WIDTHS, EfficientNetLite0Features

MIXED_WIDTH = 64


class FeatureProjector(nn.Module):
    """Frozen features, mixed across channels (1x1) and then, deepest first, across scales (3x3).

    The mixing is random and never trained: it keeps the discriminators from attending to the
    few features that tell real from generated most easily.
    """

    def __init__(self, features: EfficientNetLite0Features) -> None:
        super().__init__()
        self.features = features
        self.channel_mixing = nn.ModuleList(nn.Conv2d(c, MIXED_WIDTH, 1) for c in WIDTHS)
        self.scale_mixing = nn.ModuleList(
            nn.Conv2d(MIXED_WIDTH, MIXED_WIDTH, 3, padding=1) for _ in WIDTHS
        )
        for mixing in (*self.channel_mixing, *self.scale_mixing):
            nn.init.kaiming_normal_(mixing.weight)
            nn.init.zeros_(mixing.bias)
        self.channel_mixing.requires_grad_(False)
        self.scale_mixing.requires_grad_(False)

    def forward(self, images: Tensor) -> list[Tensor]:
        """(N, 3, H, W) in [-1, 1] to four maps (N, 64, ...) of strides 2, 4, 8 and 16."""
        mixed = [mix(f) for mix, f in zip(self.channel_mixing, self.features(images), strict=True)]
        above: Tensor | None = None
        projected = []
        for mix, x in zip(reversed(self.scale_mixing), reversed(mixed), strict=True):
            x = mix(x if above is None else x + above)
            above = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            projected.append(x)
        return projected[::-1]


class ScaleDiscriminator(nn.Sequential):
    """Strided convolutions down to 4x4, and a map of logits; every weight spectrally normalised."""

    def __init__(self, halvings: int, width: int = MIXED_WIDTH) -> None:
        layers: list[nn.Module] = []
        for _ in range(halvings):
            layers += [spectral_norm(nn.Conv2d(width, width * 2, 4, 2, 1)), nn.BatchNorm2d(width * 2), nn.LeakyReLU(0.2)]
            width *= 2
        layers += [spectral_norm(nn.Conv2d(width, width, 3, 1, 1)), nn.BatchNorm2d(width), nn.LeakyReLU(0.2)]
        layers += [spectral_norm(nn.Conv2d(width, 1, 4))]
        super().__init__(*layers)


class ProjectedDiscriminator(nn.Module):
    """One discriminator a scale; only these are trained."""

    def __init__(self, resolution: int) -> None:
        super().__init__()
        sides = [resolution // stride for stride in (4, 8, 16, 32)]
        self.scales = nn.ModuleList(
            ScaleDiscriminator(max(0, (side // 4).bit_length() - 1)) for side in sides
        )

    def forward(self, projected: Sequence[Tensor]) -> list[Tensor]:
        """Logits of each scale: positive where the image is taken for real."""
        return [d(x) for d, x in zip(self.scales, projected, strict=True)]


def discriminator_hinge(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """Hinge loss, summed over scales."""
    terms = [F.relu(1 - r).mean() + F.relu(1 + f).mean() for r, f in zip(real, fake, strict=True)]
    return torch.stack(terms).sum()


def generator_hinge(fake: Sequence[Tensor]) -> Tensor:
    """What the generator minimises: the negated logits, summed over scales."""
    return -torch.stack([f.mean() for f in fake]).sum()
