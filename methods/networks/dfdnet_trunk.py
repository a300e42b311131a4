"""VGG19 (Simonyan & Zisserman 2015) as DFDNet reads it: features at four strides."""

from __future__ import annotations

import torch
from torch import Tensor, nn

CONVOLUTIONS = (2, 2, 4, 4, 4)  # of each block; a pooling of 2x2 lies between blocks
# Features at strides 2, 4, 8 and 16, named by the sides of their maps at 512 pixels.
TAPS = {"relu2_2": 256, "relu3_4": 128, "relu4_4": 64, "conv5_4": 32}


class VGG19Trunk(nn.Module):
    """Pictures in [-1, 1] to what lies after relu2_2, relu3_4 and relu4_4, and at conv5_4.

    width: channels of the first block, VGG19's own being 64; those after it have 2, 4, 8, 8 times
    as many. mean, std: of RGB in [0, 1], taken out first; published files bring their own.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.widths = (2 * width, 4 * width, 8 * width, 8 * width)  # of the features
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        self.vgg_net = nn.Sequential()
        inputs = 3
        for block, outputs in enumerate((width, *self.widths), 1):
            if block > 1:
                self.vgg_net.add_module(f"pool{block - 1}", nn.MaxPool2d(2))
            for layer in range(1, CONVOLUTIONS[block - 1] + 1):
                conv = nn.Conv2d(inputs, outputs, 3, padding=1)
                nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")  # it has no norms
                self.vgg_net.add_module(f"conv{block}_{layer}", conv)
                if (block, layer) != (5, 4):
                    self.vgg_net.add_module(f"relu{block}_{layer}", nn.ReLU(inplace=True))
                inputs = outputs

    def forward(self, images: Tensor) -> dict[int, Tensor]:
        """(N, 3, H, W) to maps (N, C, H / stride, W / stride), by the side of their scale."""
        x = ((images + 1) / 2 - self.mean) / self.std
        features = {}
        for name, layer in self.vgg_net.named_children():
            x = layer(x)
            if name in TAPS:
                features[TAPS[name]] = x
        return features
