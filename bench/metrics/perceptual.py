"""The distance that LPIPS and its descendants share: one network, compared layer by layer.

d(a, b) = sum_l mean_hw( w_l . (f_l(a) - f_l(b))^2 ), with f_l the features of layer l, scaled at
every position to unit length over the channels, and w_l >= 0 a learned weight a channel.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bench.core.errors import BenchError
from bench.metrics.base import Metric, Sample
from methods.checkpoints.state_dict import CheckpointError

# ImageNet's mean and deviation, for pictures in [-1, 1], rounded as LPIPS was trained with them.
SHIFT = (-0.030, -0.088, -0.188)
SCALE = (0.458, 0.448, 0.450)


class PerceptualDistance(nn.Module):
    """Distances (N,) between pictures (N, 3, H, W) in [0, 1].

    features: the network up to the last layer that is compared, whose layers take any size.
    compared: indices of the layers compared, and their channels.
    """

    def __init__(self, features: nn.Sequential, compared: Sequence[tuple[int, int]]) -> None:
        super().__init__()
        self.features = features
        self.compared = {index: head for head, (index, _) in enumerate(compared)}
        self.heads = nn.ModuleList(
            nn.Conv2d(channels, 1, 1, bias=False) for _, channels in compared
        )

    @torch.inference_mode()
    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        a, b = normalised(a), normalised(b)
        distance = a.new_zeros(len(a))
        # Both pictures go through the network side by side, so that no layer's features need be
        # kept: those of VGG at 1024 px would take gigabytes.
        for index, layer in enumerate(self.features):
            a, b = layer(a), layer(b)
            if (head := self.compared.get(index)) is not None:
                difference = (unit_length(a) - unit_length(b)).square()
                distance = distance + self.heads[head](difference).mean((1, 2, 3))
        return distance


def normalised(images: Tensor) -> Tensor:
    """Images in [0, 1] as the network was trained on them."""
    shift = images.new_tensor(SHIFT).view(3, 1, 1)
    scale = images.new_tensor(SCALE).view(3, 1, 1)
    return (2 * images - 1 - shift) / scale


def unit_length(features: Tensor) -> Tensor:
    """Features (N, C, H, W) of length 1 over the channels; those that are all 0 stay so."""
    return F.normalize(features, dim=1, eps=1e-10)


class PerceptualMetric(Metric):
    """The distance of the restored picture from the truth; 0 for equal ones."""

    @abstractmethod
    def load(self, files: Mapping[str, Path]) -> PerceptualDistance:
        """The distance, with its weights from `files`, by their kind in the weights registry."""

    def setup(self, files: Mapping[str, Path], device: torch.device) -> None:
        self.device = device
        try:
            self.distance = self.load(files).to(device)
        except CheckpointError as error:
            told, named = str(error), ", ".join(map(str, files.values()))
            raise BenchError(told if named in told else f"{named}: {told}") from None

    def score(self, sample: Sample) -> list[float]:
        pictures = sample.restored.to(self.device), sample.truth.to(self.device)
        # A GPU rounds convolutions to TF32 unless told not to: a score would depend on the device.
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            distance: Tensor = self.distance(*pictures)
        return distance.tolist()


def head_name(key: str) -> str:
    """The name of a head's weight here, from that in the files of LPIPS and ST-LPIPS."""
    return re.sub(r"^lin(\d)\.model\.1\.", r"heads.\1.", key)
