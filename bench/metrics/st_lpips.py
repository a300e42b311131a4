"""Shift-tolerant LPIPS (Ghildyal & Liu, "Shift-tolerant Perceptual Similarity Metric", 2022).

LPIPS on an AlexNet that was trained anew without aliasing: every stride is taken by a blur, the
first convolution's too. Its weights come with the PyPI package stlpips-pytorch, so that this is
the perceptual metric that works without a download. The package's modules need two undeclared
dependencies to be imported; only its file is read. Checked against it: the same distances to 1e-5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bench.core.installed import packaged
from bench.metrics.perceptual import PerceptualDistance, PerceptualMetric, head_name
from methods.checkpoints.file import read
from methods.checkpoints.state_dict import load_strict, unwrap

WHAT = "ST-LPIPS alex"
WEIGHTS = ("weights", "vST0.0", "alex_shift_tolerant.pth")


class BlurPool(nn.Module):
    """Every second pixel of the picture blurred by [1 2 1] (Zhang 2019), mirrored 2 beyond."""

    filt: Tensor  # the kernel, (channels, 1, 3, 3)

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("filt", torch.empty(channels, 1, 3, 3))

    def forward(self, x: Tensor) -> Tensor:
        padded = F.pad(x, (2, 2, 2, 2), mode="reflect")
        return F.conv2d(padded, self.filt, stride=2, groups=x.shape[1])


def shift_tolerant_alexnet() -> PerceptualDistance:
    """The paper's AlexNet, compared after each of its five convolutions."""
    features = nn.Sequential(
        nn.Conv2d(3, 64, 11, padding=2), BlurPool(64), nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=1), BlurPool(64),
        nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=1), BlurPool(192),
        nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(inplace=True),
    )  # fmt: skip
    return PerceptualDistance(features, ((2, 64), (6, 192), (10, 384), (12, 256), (14, 256)))


def load_st_lpips() -> PerceptualDistance:
    """ST-LPIPS with the weights of the installed package. Raises `CheckpointError`."""
    published = unwrap(read(packaged("stlpips_pytorch", *WEIGHTS)), ("lin0.model.1.weight",), WHAT)
    tensors = {
        re.sub(r"^net\.slice\d\.", "features.", head_name(key)): tensor
        for key, tensor in published.items()
        if not key.startswith("scaling_layer.")  # the constants of `perceptual.normalised`
    }
    return load_strict(shift_tolerant_alexnet, tensors, WHAT)


class STLPIPS(PerceptualMetric):
    """ST-LPIPS with the shift-tolerant AlexNet, the variant in its authors' example."""

    def load(self, files: Mapping[str, Path]) -> PerceptualDistance:  # noqa: ARG002 - ships its own
        return load_st_lpips()
