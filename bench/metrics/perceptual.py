"""The distance that LPIPS and its descendants share: one network, compared layer by layer.

d(a, b) = sum_l mean_hw( w_l . (f_l(a) - f_l(b))^2 ), with f_l the features of layer l, scaled at
every position to unit length over the channels, and w_l >= 0 a learned weight a channel.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
        return self.between(self.directions(a), self.directions(b))

    def directions(self, images: Tensor) -> Iterator[Tensor]:
        """What is compared of each picture: the features of each layer (N, h, w, C), of unit
        length at every position. They come as they are computed, so that two pictures may go
        through the network side by side: all features of VGG at 1024 px would take gigabytes."""
        # Channels last, which is how they are compared: the convolutions are a tenth faster, and
        # pooling six times.
        x = normalised(images).contiguous(memory_format=torch.channels_last)
        for index, layer in enumerate(self.features):
            x = layer(x)
            if index in self.compared:
                yield unit_length(x.permute(0, 2, 3, 1))

    def between(self, a: Iterable[Tensor], b: Iterable[Tensor]) -> Tensor:
        """The distances (N,) between pictures of these directions."""
        parts = [
            ((of_a - of_b).square_() @ weight.flatten()).mean((1, 2))
            for weight, of_a, of_b in zip(self.heads.parameters(), a, b, strict=True)
        ]
        return torch.stack(parts).sum(0)


def normalised(images: Tensor) -> Tensor:
    """Images in [0, 1] as the network was trained on them."""
    shift = images.new_tensor(SHIFT).view(3, 1, 1)
    scale = images.new_tensor(SCALE).view(3, 1, 1)
    return (2 * images - 1 - shift) / scale


def unit_length(features: Tensor) -> Tensor:
    """Features (N, h, w, C) of length 1 over the channels; those that are all 0 stay so."""
    return F.normalize(features, dim=-1, eps=1e-10)


class PerceptualMetric(Metric):
    """The distance of the restored picture from the truth; 0 for equal ones."""

    @abstractmethod
    def load(self, files: Mapping[str, Path]) -> PerceptualDistance:
        """The distance, with its weights from `files`, by their kind in the weights registry."""

    def setup(self, files: Mapping[str, Path], device: torch.device) -> None:
        self.device = device
        try:
            self.distance = self.load(files).to(device).to(memory_format=torch.channels_last)
        except CheckpointError as error:
            told, named = str(error), ", ".join(map(str, files.values()))
            raise BenchError(told if named in told else f"{named}: {told}") from None

    @torch.inference_mode()
    def score(self, sample: Sample) -> list[float]:
        # A GPU rounds convolutions to TF32 unless told not to: a score would depend on the device.
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            return [
                self.score_one(restored[None], truth[None])
                for restored, truth in zip(sample.restored, sample.truth, strict=True)
            ]

    def score_one(self, restored: Tensor, truth: Tensor) -> float:
        """The distance of one picture (1, 3, H, W) from its truth."""
        of_restored = self.distance.directions(restored.to(self.device))
        of_truth = self.of_truth(truth, lambda: self.distance.directions(truth.to(self.device)))
        distance: float = self.distance.between(of_restored, of_truth).item()
        return distance


def head_name(key: str) -> str:
    """The name of a head's weight here, from that in the files of LPIPS and ST-LPIPS."""
    return re.sub(r"^lin(\d)\.model\.1\.", r"heads.\1.", key)
