"""Learned perceptual image patch similarity, LPIPS v0.1 (Zhang et al. 2018).

ImageNet features of torchvision, from a file whose hash is known, compared by the linear heads
that the `lpips` package ships. The package itself would take the features from torch hub, whose
files it does not verify. Checked against it: the same distances to 1e-5.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import nn

from bench.core.installed import packaged
from bench.metrics.perceptual import PerceptualDistance, PerceptualMetric, head_name
from methods.checkpoints.file import read
from methods.checkpoints.state_dict import load_strict, unwrap


def alexnet() -> PerceptualDistance:
    """AlexNet (Krizhevsky 2014), compared after each of its five convolutions."""
    features = nn.Sequential(
        nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2),
        nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2),
        nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(inplace=True),
    )  # fmt: skip
    return PerceptualDistance(features, ((1, 64), (4, 192), (7, 384), (9, 256), (11, 256)))


def vgg16() -> PerceptualDistance:
    """VGG16 (Simonyan & Zisserman 2015), compared after the last convolution of each size."""
    layers: list[nn.Module] = []
    compared = []
    inputs = 3
    for width, depth in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        if layers:
            layers.append(nn.MaxPool2d(2))
        for _ in range(depth):
            layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU(inplace=True)]
            inputs = width
        compared.append((len(layers) - 1, width))
    return PerceptualDistance(nn.Sequential(*layers), compared)


NETWORKS = {"alex": alexnet, "vgg": vgg16}


def load_lpips(net: str, backbone: Path) -> PerceptualDistance:
    """LPIPS on the features of torchvision's checkpoint `backbone`; net is "alex" or "vgg".

    Raises `CheckpointError` if the file is not that network's.
    """
    heads = read(packaged("lpips", "weights", "v0.1", f"{net}.pth"))
    named = {head_name(key): tensor for key, tensor in heads.items()}
    whole = unwrap(read(backbone), ("features.0.weight",), f"torchvision {net}")
    features = {key: tensor for key, tensor in whole.items() if key.startswith("features.")}
    tensors = features | unwrap(named, ("heads.0.weight",), f"LPIPS {net} heads")
    return load_strict(NETWORKS[net], tensors, f"LPIPS {net}")


class LPIPSAlex(PerceptualMetric):
    """LPIPS with AlexNet, as GLEAN and most papers of the field report it."""

    def load(self, files: Mapping[str, Path]) -> PerceptualDistance:
        return load_lpips("alex", files["lpips-alex"])


class LPIPSVgg(PerceptualMetric):
    """LPIPS with VGG16, as StyleGAN papers report it."""

    def load(self, files: Mapping[str, Path]) -> PerceptualDistance:
        return load_lpips("vgg", files["lpips-vgg"])
