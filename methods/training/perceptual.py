"""Perceptual loss on the frozen EfficientNet-lite0 features.

The GLEAN paper takes VGG16's; these stand in for it because they come with a PyPI package, and
every recipe takes the same, so that none is favoured. `training.json` names them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from methods.training.features import EfficientNetLite0Features

NAME = "EfficientNet-lite0, strides 4 to 32, unit variance (in place of VGG16)"


class PerceptualLoss:
    """Mean squared difference of features, each scale divided by its variance over `images`."""

    def __init__(self, features: EfficientNetLite0Features, images: Tensor) -> None:
        self.features = features
        with torch.no_grad():
            self.variances = [maps.var() for maps in features(images)]

    def __call__(self, restored: Tensor, truth: Tensor) -> Tensor:
        """Mean over the four scales, for images (N, 3, S, S) in [-1, 1]; 2 for unrelated ones."""
        with torch.no_grad():
            target = self.features(truth)
        return self.between(self.features(restored), target)

    def between(self, seen: Sequence[Tensor], target: Sequence[Tensor]) -> Tensor:
        """The same, of features."""
        terms = [
            (a.float() - b.float()).square().mean() / variance
            for a, b, variance in zip(seen, target, self.variances, strict=True)
        ]
        return torch.stack(terms).mean()
