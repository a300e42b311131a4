"""MSRResNet, the generator of SRGAN (Ledig et al. 2017, arXiv 1609.04802) without batch norm.

BasicSR and mmagic publish two variants, told apart by their keys: BasicSR activates after each
pixel shuffle, mmagic does not, so that weights cannot be exchanged. Each keeps its own names.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, TypedDict

from torch import Tensor, nn
from torch.nn import functional as F

from methods.checkpoints.state_dict import count, load_strict, unwrap, width
from methods.networks.rrdb import conv3x3

Variant = Literal["basicsr", "mmagic"]
TRUNK: dict[Variant, str] = {"basicsr": "body", "mmagic": "trunk_net"}
STAGE: dict[Variant, str] = {"basicsr": "upconv{}", "mmagic": "upsample{}"}


class Config(TypedDict):
    factors: tuple[int, ...]
    channels: int
    blocks: int
    variant: Variant


class MSRResNet(nn.Module):
    """Low resolution to prod(factors) times its size.

    factors: the enlargement of each pixel shuffle; the published x4 networks have (2, 2), the
    16x one of this project (2, 2, 2, 2).
    """

    def __init__(
        self,
        factors: tuple[int, ...] = (2, 2),
        channels: int = 64,
        blocks: int = 16,
        variant: Variant = "basicsr",
    ) -> None:
        super().__init__()
        self.factors = factors
        self.variant = variant
        self.conv_first = conv3x3(3, channels)
        self.add_module(TRUNK[variant], nn.Sequential(*(Residual(channels) for _ in range(blocks))))
        for stage, factor in enumerate(factors, 1):
            shuffled = conv3x3(channels, channels * factor**2)
            self.add_module(
                STAGE[variant].format(stage),
                shuffled if variant == "basicsr" else Wrapped(shuffled),
            )
        self.conv_hr = conv3x3(channels, channels)
        self.conv_last = conv3x3(channels, 3)

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> MSRResNet:
        """The network of a checkpoint in BasicSR's or mmagic's layout.

        Raises `CheckpointError`, with every missing and unexpected key.
        """
        tensors = unwrap(state_dict, ("conv_first.weight", "conv_hr.weight"), "MSRResNet")
        return load_strict(lambda: cls(**infer_config(tensors)), tensors, "MSRResNet")

    @property
    def scale(self) -> int:
        """Factor between the sides of the input and of the output."""
        return math.prod(self.factors)

    def forward(self, x: Tensor) -> Tensor:
        """x (N, 3, h, w) in [0, 1] to (N, 3, scale h, scale w), about [0, 1], not clamped."""
        base = F.interpolate(x, scale_factor=float(self.scale), mode="bilinear")
        x = leaky_relu(self.conv_first(x))
        x = self.get_submodule(TRUNK[self.variant])(x)
        for stage, factor in enumerate(self.factors, 1):
            x = self.get_submodule(STAGE[self.variant].format(stage))(x)
            x = F.pixel_shuffle(x, factor)
            if self.variant == "basicsr":
                x = leaky_relu(x)
        out: Tensor = base + self.conv_last(leaky_relu(self.conv_hr(x)))
        return out


def infer_config(tensors: Mapping[str, Tensor]) -> Config:
    """Constructor arguments of the network whose tensors these are."""
    variant: Variant = "mmagic" if any(k.startswith("trunk_net.") for k in tensors) else "basicsr"
    channels = width(tensors, "conv_first")
    stage_name = STAGE[variant]
    last_part = "" if variant == "basicsr" else ".upsample_conv"
    stages = count(tensors, stage_name.format(r"(\d+)") + r"\.") - 1
    factors = tuple(
        math.isqrt(width(tensors, stage_name.format(stage) + last_part) // channels)
        for stage in range(1, stages + 1)
    )
    blocks = count(tensors, rf"{TRUNK[variant]}\.(\d+)\.")
    return Config(factors=factors, channels=channels, blocks=blocks, variant=variant)


class Residual(nn.Module):
    """Two convolutions and a skip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = conv3x3(channels, channels)
        self.conv2 = conv3x3(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.conv2(F.relu(self.conv1(x), inplace=True))
        return out


class Wrapped(nn.Module):
    """A convolution one level deeper, where mmagic's keys have it."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.upsample_conv = conv

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.upsample_conv(x)
        return out


def leaky_relu(x: Tensor) -> Tensor:
    """LeakyReLU 0.1, unlike RRDBNet's, overwriting its input."""
    return F.leaky_relu(x, 0.1, inplace=True)
