"""GLEAN: a generative latent bank between an encoder and a decoder (Chan et al. 2021, arXiv 2012.00739).

The key tree is that of mmagic's `GLEANStyleGANv2`, in whose layout the checkpoints are published;
checked against it. The bank's mapping network and its whole RGB path (`to_rgbs`, `fusion_skip`)
are in the checkpoints but reach no output: they are parameters here and are not executed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.networks import stylegan2
from methods.networks.checkpoint import count, load_strict, unwrap, width
from methods.networks.rrdb import RRDB, conv3x3
from methods.networks.stylegan2 import StyleGAN2Generator

Fusion = Literal["all", "coarse", "none"]


class GLEANNet(nn.Module):
    """Pictures of `in_size` pixels a side to pictures of `out_size`, both powers of two.

    bank_channels, style_dim, num_mlps: the bank's configuration (StyleGAN2 config-f by default).
    channels, growth, blocks: of the RRDB trunk that opens the encoder.
    decoder_channels: width of the decoder at each resolution above `in_size`, the bank's by default.
    fusion: encoder features given to the bank, the paper's ablation. "all" is GLEAN; "coarse" the
    features of the coarser half of the sizes 4 to `in_size` (4 to 16 for 64 pixels, as in the
    paper; 4 for 8 pixels); "none" only the latent vectors. A size that is not fused reaches the
    decoder neither: it then starts from the bank's features.
    """

    def __init__(
        self,
        in_size: int,
        out_size: int,
        bank_channels: Mapping[int, int] | None = None,
        *,
        style_dim: int = 512,
        num_mlps: int = 8,
        channels: int = 64,
        growth: int = 32,
        blocks: int = 23,
        decoder_channels: Mapping[int, int] | None = None,
        head_channels: int = 64,
        fusion: Fusion = "all",
    ) -> None:
        super().__init__()
        check_sizes(in_size, out_size)
        self.in_size, self.out_size = in_size, out_size
        self.generator = StyleGAN2Generator(out_size, style_dim, num_mlps, bank_channels)
        self.num_fused = num_fused_sizes(in_size, fusion)
        bank = self.generator.channels
        trunk = Trunk(channels, growth, blocks)
        self.encoder = encoder(in_size, bank, trunk, self.generator.num_latents * style_dim)
        fused = [4 << k for k in range(self.num_fused)]
        self.fusion_out = nn.ModuleList(conv3x3(2 * bank[r], bank[r]) for r in fused)
        self.fusion_skip = nn.ModuleList(conv3x3(bank[r] + 3, 3) for r in fused)
        self.decoder = decoder(in_size, out_size, bank, decoder_channels or bank, head_channels)

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, Tensor]) -> GLEANNet:
        """The network of a checkpoint, alone or under the `generator.` of a whole model.

        Raises `CheckpointError`, with every missing and unexpected key.
        """
        anchors = ("encoder.0.0.conv_first.weight", "encoder.0.0.conv_body.weight")
        tensors = unwrap(state_dict, anchors, "GLEAN")
        return load_strict(lambda: cls(**infer_config(tensors)), tensors, "GLEAN")

    @property
    def scale(self) -> int:
        """Factor between the sides of the input and of the output."""
        return self.out_size // self.in_size

    def forward(self, x: Tensor) -> Tensor:
        """x (N, 3, S, S) in [-1, 1] to (N, 3, O, O), nominally in [-1, 1], not clamped.

        The noise of the bank is that of the checkpoint: the output is a function of x alone.
        Raises `ValueError` at any other size than `in_size`.
        """
        if x.shape[-2:] != (self.in_size, self.in_size):
            raise ValueError(
                f"this GLEAN restores {self.in_size}x{self.in_size} pixels to "
                f"{self.out_size}x{self.out_size} ({self.scale}x) and no other size, "
                f"not {x.shape[-2]}x{x.shape[-1]}"
            )
        features, latents = self.encode(x)
        return self.decode(self.retrieve(features, latents))

    def encode(self, x: Tensor) -> tuple[dict[int, Tensor], Tensor]:
        """Features by size, 4 to `in_size`, and the latents (N, L, D), directly in W+."""
        features = {}
        size = self.in_size
        for block in self.encoder[:-1]:
            x = features[size] = block(x)
            size //= 2
        latents = self.encoder[-1](x)
        return features, latents.unflatten(1, (self.generator.num_latents, -1))

    def retrieve(self, features: Mapping[int, Tensor], latents: Tensor) -> dict[int, Tensor]:
        """What the decoder reads at each size from `in_size` up: bank features, steered by the
        latents and, at the sizes fused, by the encoder's. At `in_size` itself the encoder's own,
        if fused."""
        bank = self.generator
        noises = bank.noise_maps("stored", latents)
        x = bank.conv1(bank.constant_input(len(latents)), latents[:, 0], noises[0])
        retrieved = {4: x}
        for level in range(bank.num_levels):
            if level < self.num_fused:
                x = self.fusion_out[level](torch.cat((x, features[4 << level]), 1))
            x = bank.features(level, x, latents, noises)
            retrieved[8 << level] = x
        if self.in_size in [4 << k for k in range(self.num_fused)]:
            retrieved[self.in_size] = features[self.in_size]
        return {size: f for size, f in retrieved.items() if size >= self.in_size}

    def decode(self, retrieved: Mapping[int, Tensor]) -> Tensor:
        """The picture, from features at each size."""
        x = retrieved[self.in_size]
        for stage, block in enumerate(self.decoder):
            if stage > 0:
                x = torch.cat((x, retrieved[self.in_size << stage]), 1)
            x = block(x)
        return x


def num_fused_sizes(in_size: int, fusion: Fusion) -> int:
    """How many of the sizes 4, 8, ..., `in_size` are fused, coarsest first."""
    sizes = int(math.log2(in_size)) - 1
    return {"all": sizes, "coarse": math.ceil(sizes / 2), "none": 0}[fusion]


def check_sizes(in_size: int, out_size: int) -> None:
    """Raise `ValueError` unless both are powers of two that the architecture allows."""
    powers = all(size >= 4 and size & (size - 1) == 0 for size in (in_size, out_size))
    if not (powers and in_size < out_size):
        raise ValueError(
            f"GLEAN restores from one power of two (4 or more) to a larger one, "
            f"not from {in_size} to {out_size}"
        )


def encoder(in_size: int, bank: Mapping[int, int], trunk: Trunk, latent_size: int) -> nn.ModuleList:
    """Features at `in_size`, at each half of it down to 4 pixels, then the latents."""
    blocks: list[nn.Module] = [
        nn.Sequential(trunk, conv3x3(trunk.channels, bank[in_size]), leaky_relu())
    ]
    size = in_size
    while size > 4:
        here, below = bank[size], bank[size // 2]
        down = (conv3x3(here, below, stride=2), leaky_relu(), conv3x3(below, below), leaky_relu())
        blocks.append(nn.Sequential(*down))
        size //= 2
    head = (conv3x3(bank[4], bank[4]), leaky_relu(), nn.Flatten())
    blocks.append(nn.Sequential(*head, nn.Linear(16 * bank[4], latent_size)))
    return nn.ModuleList(blocks)


def decoder(
    in_size: int, out_size: int, bank: Mapping[int, int], widths: Mapping[int, int], head: int
) -> nn.ModuleList:
    """One x2 stage a size, without activation between them, then the output convolutions."""
    blocks: list[nn.Module] = []
    inputs, size = bank[in_size], in_size
    while size < out_size:
        size *= 2
        blocks.append(PixelShuffleUp(inputs, widths[size]))
        inputs = widths[size] + bank[size]
    blocks.append(nn.Sequential(conv3x3(inputs, head), leaky_relu(), conv3x3(head, 3)))
    return nn.ModuleList(blocks)


class Trunk(nn.Module):
    """RRDBNet without its upsampling: features at the size of the input."""

    def __init__(self, channels: int, growth: int, blocks: int) -> None:
        super().__init__()
        self.channels = channels
        self.conv_first = conv3x3(3, channels)
        self.body = nn.Sequential(*(RRDB(channels, growth) for _ in range(blocks)))
        self.conv_body = conv3x3(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_first(x)
        out: Tensor = x + self.conv_body(self.body(x))
        return out


class PixelShuffleUp(nn.Module):
    """A convolution to four times the channels, folded into twice the size."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.upsample_conv = conv3x3(inputs, 4 * outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.pixel_shuffle(self.upsample_conv(x), 2)


def leaky_relu() -> nn.LeakyReLU:
    """LeakyReLU 0.2, overwriting the convolution's output, which nothing else reads."""
    return nn.LeakyReLU(0.2, inplace=True)


def infer_config(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """Constructor arguments of the network whose tensors these are."""
    bank = {
        key.removeprefix("generator."): tensor
        for key, tensor in tensors.items()
        if key.startswith("generator.")
    }
    config = stylegan2.infer_config(bank)
    in_size = 2 ** count(tensors, r"encoder\.(\d+)\.")
    out_size, bank_channels = config["resolution"], config["channels"]
    stages = count(tensors, r"decoder\.(\d+)\.") - 1
    fused = count(tensors, r"fusion_out\.(\d+)\.")
    by_count = {num_fused_sizes(in_size, fusion): fusion for fusion in ("none", "coarse", "all")}
    return {
        "in_size": in_size,
        "out_size": out_size,
        "bank_channels": bank_channels,
        "style_dim": config["style_dim"],
        "num_mlps": config["num_mlps"],
        "channels": width(tensors, "encoder.0.0.conv_first"),
        "growth": width(tensors, "encoder.0.0.body.0.rdb1.conv1"),
        "blocks": count(tensors, r"encoder\.0\.0\.body\.(\d+)\."),
        "decoder_channels": {
            in_size << stage + 1: width(tensors, f"decoder.{stage}.upsample_conv") // 4
            for stage in range(stages)
        },
        "head_channels": width(tensors, f"decoder.{stages}.0"),
        # A number of fused sizes that is none of the three is a file with keys missing.
        "fusion": by_count.get(fused, "all"),
    }
