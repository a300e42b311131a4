"""RRDBNet, the generator of ESRGAN (Wang et al. 2018, arXiv 1809.00219) and of ESRGAN+.

Parameter names follow BasicSR and mmagic; the two older layouts of xinntao/ESRGAN are renamed by
`rrdb_layouts`. Checked against BasicSR. ESRGAN+ of the GLEAN paper, an enlarged ESRGAN for 16x, is
the same network with four x2 stages (`conv_up1` to `conv_up4`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.checkpoints.state_dict import count, load_strict, unwrap, width
from methods.networks.prepared import Convolution, plus, times
from methods.networks.rrdb_layouts import ANCHORS, to_basicsr

RESIDUAL_SCALE = 0.2


class Config(TypedDict):
    """Constructor arguments of an `RRDBNet`."""

    stages: int
    channels: int
    growth: int
    blocks: int
    unshuffle: int
    inputs: int
    outputs: int


class RRDBNet(nn.Module):
    """Low resolution to 2^stages / unshuffle times its size.

    channels, growth, blocks: width of the trunk, of the dense layers, and depth; the defaults are
    ESRGAN's.
    unshuffle: sides of the blocks of pixels folded into channels first, as in BasicSR's x2 (2) and
    x1 (4) variants of the x4 network.
    inputs, outputs: channels of the pictures.
    """

    def __init__(
        self,
        stages: int = 2,
        channels: int = 64,
        growth: int = 32,
        blocks: int = 23,
        unshuffle: int = 1,
        inputs: int = 3,
        outputs: int = 3,
    ) -> None:
        super().__init__()
        self.stages = stages
        self.unshuffle = unshuffle
        self.inputs, self.outputs = inputs, outputs
        self.conv_first = conv3x3(inputs * unshuffle**2, channels)
        self.body = nn.Sequential(*(RRDB(channels, growth) for _ in range(blocks)))
        self.conv_body = conv3x3(channels, channels)
        for stage in range(1, stages + 1):
            self.add_module(f"conv_up{stage}", conv3x3(channels, channels))
        self.conv_hr = conv3x3(channels, channels)
        self.conv_last = conv3x3(channels, outputs)

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> RRDBNet:
        """The network of a checkpoint in BasicSR's, mmagic's or either layout of xinntao.

        Raises `CheckpointError`, with every missing and unexpected key.
        """
        tensors = unwrap(state_dict, ANCHORS, "RRDBNet", to_basicsr)
        return load_strict(lambda: cls(**infer_config(tensors)), tensors, "RRDBNet")

    @property
    def scale(self) -> int:
        """Factor between the sides of the input and of the output."""
        return (1 << self.stages) // self.unshuffle

    def forward(self, x: Tensor) -> Tensor:
        """x (N, inputs, h, w) in [0, 1] to (N, outputs, scale h, scale w), about [0, 1], not
        clamped. Sides that are no multiples of `unshuffle` are padded for it, as in Real-ESRGAN.
        """
        height, width = self.scale * x.shape[-2], self.scale * x.shape[-1]
        x = self.conv_first(F.pixel_unshuffle(padded(x, self.unshuffle), self.unshuffle))
        x = plus(self.conv_body(self.body(x)), x)
        for stage in range(1, self.stages + 1):
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = leaky_relu(self.get_submodule(f"conv_up{stage}")(x))
        out: Tensor = self.conv_last(leaky_relu(self.conv_hr(x)))
        return out[..., :height, :width]


def padded(x: Tensor, multiple: int) -> Tensor:
    """x with its sides grown to multiples by reflection, and where it is too small for that, by
    repeating its border."""
    height, width = x.shape[-2:]
    bottom, right = -height % multiple, -width % multiple
    if not (bottom or right):
        return x
    x = F.pad(x, (0, min(right, width - 1), 0, min(bottom, height - 1)), "reflect")
    rest = (0, width + right - x.shape[-1], 0, height + bottom - x.shape[-2])
    return F.pad(x, rest, "replicate")


def infer_config(tensors: Mapping[str, Tensor]) -> Config:
    """Constructor arguments of the network whose tensors (BasicSR layout) these are."""
    stages = max(0, count(tensors, r"conv_up(\d+)\.") - 1)
    first, last = tensors.get("conv_first.weight"), tensors.get("conv_last.weight")
    outputs = 3 if last is None else last.shape[0]
    inputs = outputs if first is None else first.shape[1]
    # Only pictures that go in as they come out are known to be folded, as in spandrel.
    unshuffle = next((side for side in (2, 4) if inputs == outputs * side**2), 1)
    if (1 << stages) % unshuffle:
        raise ValueError(f"it would enlarge by {1 << stages}/{unshuffle}")
    return {
        "stages": stages,
        "channels": width(tensors, "conv_first"),
        "growth": width(tensors, "body.0.rdb1.conv1"),
        "blocks": count(tensors, r"body\.(\d+)\."),
        "unshuffle": unshuffle,
        "inputs": inputs // unshuffle**2,
        "outputs": outputs,
    }


class RRDB(nn.Module):
    """Residual in residual: three dense blocks and a skip around them."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.rdb1 = ResidualDenseBlock(channels, growth)
        self.rdb2 = ResidualDenseBlock(channels, growth)
        self.rdb3 = ResidualDenseBlock(channels, growth)

    def forward(self, x: Tensor) -> Tensor:
        dense: Tensor = self.rdb3(self.rdb2(self.rdb1(x)))
        return plus(times(dense, RESIDUAL_SCALE), x)


class ResidualDenseBlock(nn.Module):
    """Five convolutions, each of all the features before it; no normalisation."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        for i in range(4):
            self.add_module(f"conv{i + 1}", conv3x3(channels + i * growth, growth))
        self.conv5 = conv3x3(channels + 4 * growth, channels)

    def forward(self, x: Tensor) -> Tensor:
        features = x
        for i in range(4):
            grown = leaky_relu(self.get_submodule(f"conv{i + 1}")(features))
            features = torch.cat((features, grown), 1)
        return plus(times(self.conv5(features), RESIDUAL_SCALE), x)


def conv3x3(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    """3x3 convolution that keeps the size (or halves it, at stride 2)."""
    if stride == 1:
        return Convolution(inputs, outputs)
    return nn.Conv2d(inputs, outputs, 3, stride, 1)


def leaky_relu(x: Tensor) -> Tensor:
    """LeakyReLU 0.2, overwriting the convolution's output, which nothing else reads."""
    return F.leaky_relu(x, 0.2, inplace=True)
