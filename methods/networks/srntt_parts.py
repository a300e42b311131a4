"""The two networks of SRNTT: content extractor and texture transfer.

As ZZUTK/SRNTT has them: batch normalisation, tanh at the end. Those of this project's small
networks have a gain in the place of the tanh: the content network adds to bicubic, the texture
transfer to the content network's picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.checkpoints.state_dict import count, load_strict, unwrap, width
from methods.networks.rrdb import conv3x3
from methods.networks.srntt_layout import ANCHOR, SIZES, content_from, transfer_from

SCALE = 4  # between input and output
EPSILON = 1e-5  # of the normalisations


class Norm(nn.Module):
    """Batch normalisation by its stored statistics, in training too.

    The published files have their own. In the small networks of this project they stay as they
    begin, 0 and 1, since batches of a few pictures tell too little: a gain and a bias a channel.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, eps=EPSILON
        )


class Block(nn.Module):
    """Two normalised convolutions and a skip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = unbiased(channels), Norm(channels)
        self.conv2, self.bn2 = unbiased(channels), Norm(channels)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return out


class Trunk(nn.Module):
    """A convolution, residual blocks, a convolution."""

    def __init__(self, inputs: int, channels: int, blocks: int) -> None:
        super().__init__()
        self.conv_first = conv3x3(inputs, channels)
        self.body = nn.Sequential(*(Block(channels) for _ in range(blocks)))
        self.conv_body, self.bn_body = unbiased(channels), Norm(channels)

    def both_ends(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(N, inputs, h, w) to what the first and what the last convolution make of it."""
        first = F.relu(self.conv_first(x))
        return first, self.bn_body(self.conv_body(self.body(first)))


class ContentNet(Trunk):
    """Low resolution to features of its size, and to a picture four times as large."""

    def __init__(self, channels: int = 64, blocks: int = 16, *, is_residual: bool = False) -> None:
        super().__init__(3, channels, blocks)
        self.upsample = nn.ModuleList(conv3x3(channels, 4 * channels) for _ in range(2))
        self.conv_last = nn.Conv2d(channels, 3, 1)
        self.gain = gain(is_residual)

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> ContentNet:
        """The network of the published `upscale.npz`. Raises `CheckpointError`."""
        what = "content network of SRNTT"
        tensors = unwrap(state_dict, (ANCHOR, "conv_first.weight"), what, content_from)
        return load_strict(
            lambda: cls(width(tensors, "conv_first"), count(tensors, r"body\.(\d+)\.")),
            tensors,
            what,
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x (N, 3, h, w) in [-1, 1] to (N, C, h, w) and (N, 3, 4 h, 4 w)."""
        first, last = self.both_ends(x)
        features = large = first + last
        for conv in self.upsample:
            large = doubled(conv, large)
        below = bicubic(x, SCALE) if self.gain is not None else None
        return features, finished(self.conv_last(large), self.gain, below)


class Texture(Trunk):
    """One size of the texture transfer: features and a swapped map to features twice as large."""

    def __init__(self, channels: int, swapped: int, blocks: int) -> None:
        super().__init__(channels + swapped, channels, blocks)
        self.upsample = conv3x3(channels, 4 * channels)

    def forward(self, x: Tensor, swapped: Tensor) -> Tensor:
        """(N, C, h, w) and (N, M, h, w) to (N, C, 2 h, 2 w)."""
        return doubled(self.upsample, x + self.both_ends(torch.cat((x, swapped), 1))[1])


class FinestTexture(Trunk):
    """The last size, which is the picture's."""

    def __init__(self, channels: int, swapped: int, blocks: int, outputs: int) -> None:
        super().__init__(channels + swapped, channels, blocks)
        self.conv_hr = conv3x3(channels, outputs)

    def forward(self, x: Tensor, swapped: Tensor) -> Tensor:
        """(N, C, h, w) and (N, M, h, w) to (N, outputs, h, w)."""
        out: Tensor = self.conv_hr(x + self.both_ends(torch.cat((x, swapped), 1))[1])
        return out


class TextureTransfer(nn.Module):
    """Content features and swapped maps to a picture four times as large.

    maps: channels of the swapped maps, and blocks, for each of `SIZES`.
    """

    def __init__(
        self,
        channels: int = 64,
        blocks: Sequence[int] = (16, 8, 4),
        maps: Sequence[int] = (256, 128, 64),
        last: int = 32,
        *,
        is_residual: bool = False,
    ) -> None:
        super().__init__()
        self.maps = tuple(maps)
        self.small = Texture(channels, maps[0], blocks[0])
        self.medium = Texture(channels, maps[1], blocks[1])
        self.large = FinestTexture(channels, maps[2], blocks[2], last)
        self.conv_last = nn.Conv2d(last, 3, 1)
        self.gain = gain(is_residual)

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> TextureTransfer:
        """The network of the published `srntt.npz` or `srntt_init.npz`. Raises
        `CheckpointError`."""
        what = "texture transfer of SRNTT"
        anchors = (ANCHOR, "small.conv_first.weight")
        tensors = unwrap(state_dict, anchors, what, transfer_from)
        return load_strict(lambda: cls(**transfer_config(tensors, "")), tensors, what)

    def forward(
        self, features: Tensor, swapped: Sequence[Tensor], below: Tensor | None = None
    ) -> Tensor:
        """features (N, C, h, w) of the content network; swapped maps of h, 2 h and 4 h pixels;
        below: the content network's picture. Gives (N, 3, 4 h, 4 w), nominally in [-1, 1]."""
        x = self.small(features, swapped[0])
        x = self.medium(x, swapped[1])
        x = self.large(x, swapped[2])
        return finished(self.conv_last(x), self.gain, below)


class TransferConfig(TypedDict):
    channels: int
    blocks: tuple[int, ...]
    maps: tuple[int, ...]
    last: int
    is_residual: bool


def transfer_config(tensors: Mapping[str, Tensor], prefix: str) -> TransferConfig:
    """Constructor arguments of the `TextureTransfer` whose tensors begin with `prefix`."""
    channels = width(tensors, f"{prefix}small.conv_first")
    inputs = (tensors[f"{prefix}{size}.conv_first.weight"].shape[1] for size in SIZES)
    return TransferConfig(
        channels=channels,
        blocks=tuple(count(tensors, rf"{prefix}{size}\.body\.(\d+)\.") for size in SIZES),
        maps=tuple(number - channels for number in inputs),
        last=width(tensors, f"{prefix}large.conv_hr"),
        is_residual=f"{prefix}gain" in tensors,
    )


def unbiased(channels: int) -> nn.Conv2d:
    """A 3x3 convolution before a normalisation, which has a bias of its own."""
    return nn.Conv2d(channels, channels, 3, padding=1, bias=False)


def gain(is_residual: bool) -> nn.Parameter | None:
    """How much of the picture below is added; None where there is none."""
    return nn.Parameter(torch.ones(1)) if is_residual else None


def doubled(conv: nn.Module, x: Tensor) -> Tensor:
    """A convolution, a pixel shuffle, a ReLU."""
    return F.relu(F.pixel_shuffle(conv(x), 2))


def finished(x: Tensor, gain: Tensor | None, below: Tensor | None) -> Tensor:
    """The picture of the last convolution's output."""
    if gain is None:
        return torch.tanh(x)
    assert below is not None
    return gain * below + x


def bicubic(images: Tensor, factor: float) -> Tensor:
    """Pillow's bicubic, antialiased where it shrinks, without its rounding."""
    if factor == 1:
        return images
    return F.interpolate(images, scale_factor=factor, mode="bicubic", antialias=True)
