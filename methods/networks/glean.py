"""GLEAN: a generative latent bank between an encoder and a decoder.

Chan et al. 2021, arXiv 2012.00739, and its extension, Chan et al. 2022, arXiv 2207.14812.
The key tree is that of mmagic's `GLEANStyleGANv2`, in whose layout the checkpoints are published;
checked against it. The bank's mapping network and its whole RGB path (`to_rgbs`, `fusion_skip`)
are in the checkpoints but reach no output: they are parameters here, where a checkpoint has them,
and are not executed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.checkpoints.state_dict import count, load_strict, require_rgb, unwrap, width
from methods.networks.prepared import plus
from methods.networks.rrdb import RRDB, conv3x3
from methods.networks.stylegan2 import StyleGAN2Generator, infer_config

Fusion = Literal["all", "coarse", "latents"]
FUSIONS: tuple[Fusion, ...] = ("latents", "coarse", "all")

# What reaches no output. A mapping network that is absent is not built in the first place.
UNREAD = (r"generator\.to_rgb.*", r"fusion_skip\..*")


class GLEANNet(nn.Module):
    """Pictures of `in_size` pixels a side to pictures of the bank's resolution.

    bank: a StyleGAN2 generator, which becomes a part of the network (freeze it to train as in the
    paper); the features of the encoder are as wide as its own.
    channels, growth, blocks: of the RRDB trunk that opens the encoder.
    decoder_channels: width of the decoder at each size above `in_size`, the bank's by default.
    fusion: encoder features given to the bank, the paper's ablation. "all" is GLEAN; "coarse" the
    features of the coarser half of the sizes 4 to `in_size` (4 to 16 for 64 pixels, as in the
    paper; 4 for 8 pixels); "latents" only the latent vectors. A size that is not fused reaches the
    decoder neither: it then starts from the bank's features.
    """

    def __init__(
        self,
        in_size: int,
        bank: StyleGAN2Generator,
        *,
        channels: int = 64,
        growth: int = 32,
        blocks: int = 23,
        decoder_channels: Mapping[int, int] | None = None,
        fusion: Fusion = "all",
    ) -> None:
        super().__init__()
        self.in_size, self.out_size = in_size, bank.resolution
        check_sizes(self.in_size, self.out_size)
        self.generator = bank
        self.num_fused = num_fused_sizes(in_size, fusion)
        trunk = Trunk(channels, growth, blocks)
        self.encoder = encoder(in_size, trunk, bank)
        fused = [bank.channels[4 << k] for k in range(self.num_fused)]
        self.fusion_out = nn.ModuleList(conv3x3(2 * width, width) for width in fused)
        self.fusion_skip = nn.ModuleList(conv3x3(width + 3, 3) for width in fused)
        widths = decoder_channels or bank.channels
        self.decoder = decoder(in_size, bank.channels, widths, head=channels)

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> GLEANNet:
        """The network of a checkpoint, alone or under the `generator.` of a whole model.

        Raises `CheckpointError`, with every missing and unexpected key.
        """
        anchors = ("encoder.0.0.conv_first.weight", "encoder.0.0.conv_body.weight")
        tensors = unwrap(state_dict, anchors, "GLEAN")
        return load_strict(lambda: build(tensors), tensors, "GLEAN", UNREAD)

    @property
    def scale(self) -> int:
        """Factor between the sides of the input and of the output."""
        return self.out_size // self.in_size

    def forward(self, x: Tensor) -> Tensor:
        """x (N, 3, S, S) in [-1, 1] to (N, 3, O, O), nominally in [-1, 1], not clamped.

        The noise of the bank is that of the checkpoint: the output is a function of x alone.
        Raises `ValueError` at any other size than `in_size`.
        """
        check_input(x, self.in_size, self.out_size)
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
        return decode(self.decoder, retrieved)


def num_fused_sizes(in_size: int, fusion: Fusion) -> int:
    """How many of the sizes 4, 8, ..., `in_size` are fused, coarsest first."""
    sizes = int(math.log2(in_size)) - 1
    return {"all": sizes, "coarse": math.ceil(sizes / 2), "latents": 0}[fusion]


def check_sizes(in_size: int, out_size: int) -> None:
    """Raise `ValueError` unless both are powers of two that the architecture allows."""
    powers = all(size >= 4 and size & (size - 1) == 0 for size in (in_size, out_size))
    if not (powers and in_size < out_size):
        raise ValueError(
            f"GLEAN restores from one power of two (4 or more) to a larger one, "
            f"not from {in_size} to {out_size}"
        )


def check_input(x: Tensor, in_size: int, out_size: int) -> None:
    """Raise `ValueError` unless x (N, 3, S, S) is of the one size that a network restores."""
    if x.shape[-2:] != (in_size, in_size):
        raise ValueError(
            f"this GLEAN restores {in_size}x{in_size} pixels to {out_size}x{out_size} "
            f"({out_size // in_size}x) and no other size, not {x.shape[-2]}x{x.shape[-1]}"
        )


def encoder(in_size: int, trunk: Trunk, bank: StyleGAN2Generator) -> nn.ModuleList:
    """Features at `in_size`, at each half of it down to 4 pixels, then the latents."""
    widths = bank.channels
    blocks = [first_block(trunk, widths[in_size])]
    size = in_size
    while size > 4:
        here, below = widths[size], widths[size // 2]
        down = (conv3x3(here, below, stride=2), leaky_relu(), conv3x3(below, below), leaky_relu())
        blocks.append(nn.Sequential(*down))
        size //= 2
    latents = nn.Linear(16 * widths[4], bank.num_latents * bank.style_dim)
    blocks.append(nn.Sequential(conv3x3(widths[4], widths[4]), leaky_relu(), nn.Flatten(), latents))
    return nn.ModuleList(blocks)


def first_block(trunk: Trunk, width: int) -> nn.Sequential:
    """The picture to the encoder's features at its own size, f0 in the paper."""
    return nn.Sequential(trunk, conv3x3(trunk.channels, width), leaky_relu())


def decoder(
    in_size: int, bank: Mapping[int, int], widths: Mapping[int, int], head: int
) -> nn.ModuleList:
    """One x2 stage a size, without activation between them, then the output convolutions."""
    blocks: list[nn.Module] = []
    inputs, size = bank[in_size], in_size
    while (size := 2 * size) in bank:
        blocks.append(PixelShuffleUp(inputs, widths[size]))
        inputs = widths[size] + bank[size]
    blocks.append(nn.Sequential(conv3x3(inputs, head), leaky_relu(), conv3x3(head, 3)))
    return nn.ModuleList(blocks)


def decode(decoder: nn.ModuleList, retrieved: Mapping[int, Tensor]) -> Tensor:
    """The picture, from features by size, the smallest of which the decoder starts from."""
    in_size = min(retrieved)
    x = retrieved[in_size]
    for stage, block in enumerate(decoder):
        if stage > 0:
            x = torch.cat((x, retrieved[in_size << stage]), 1)
        x = block(x)
    return x


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
        return plus(self.conv_body(self.body(x)), x)


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


def build(tensors: Mapping[str, Tensor]) -> GLEANNet:
    """The network, its weights still to be loaded, whose tensors these are."""
    prefix = "generator."
    bank = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
    in_size = 2 ** count(tensors, r"encoder\.(\d+)\.")
    stages = count(tensors, r"decoder\.(\d+)\.") - 1
    fused = count(tensors, r"fusion_out\.(\d+)\.")
    if (first := tensors.get("encoder.0.0.conv_first.weight")) is not None and first.ndim == 4:
        require_rgb(first.shape[1], "takes")
    by_count = {num_fused_sizes(in_size, fusion): fusion for fusion in FUSIONS}
    return GLEANNet(
        in_size,
        StyleGAN2Generator(**infer_config(bank)),
        channels=width(tensors, "encoder.0.0.conv_first"),
        growth=width(tensors, "encoder.0.0.body.0.rdb1.conv1"),
        blocks=count(tensors, r"encoder\.0\.0\.body\.(\d+)\."),
        decoder_channels={
            in_size << stage + 1: width(tensors, f"decoder.{stage}.upsample_conv") // 4
            for stage in range(stages)
        },
        # Any other number of fused sizes is a file with keys missing, which will be named.
        fusion=by_count.get(fused, "all"),
    )
