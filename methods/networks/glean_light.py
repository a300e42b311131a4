"""LightGLEAN, as we read it: the upper half of a bank, one fusion, no latents of the encoder.

Chan et al. 2022, arXiv 2207.14812, name it in the abstract; no code, weights or table of it is
public. What is known: of the encoder's features only f0, those at the size of the input, reach the
bank, and the latents are learnt with the network, the same for every picture. The rest is our
reading: the bank begins with the level that ends in the size of the input, whose first state is
learnt too. Without a decoder the picture is the sum of the bank's own RGB outputs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from methods.checkpoints.state_dict import count, load_strict, require_rgb, unwrap, width
from methods.networks.glean import Trunk, check_input, check_sizes, decode, decoder, first_block
from methods.networks.rrdb import conv3x3
from methods.networks.stylegan2 import StyleGAN2Generator
from methods.networks.stylegan2_layers import ConstantInput

MEAN_OF = 4096  # latents


class UpperBank(nn.Module):
    """The levels of a StyleGAN2 that end in `first` pixels a side or more, and nothing below them.

    has_rgb: keep their RGB outputs too. Level 0 here ends in `first` pixels.
    """

    def __init__(self, bank: StyleGAN2Generator, first: int, *, has_rgb: bool) -> None:
        super().__init__()
        layers, rgbs = [bank.conv1, *bank.convs], [bank.to_rgb1, *bank.to_rgbs]
        below = sum(side < first for side in bank.noise_sides)
        self.layers = nn.ModuleList(layers[below:])
        self.to_rgbs = nn.ModuleList(rgbs[int(math.log2(first)) - 2 :] if has_rgb else ())
        for i, noise in enumerate(bank.noise_maps("stored", bank.constant_input.input)[below:]):
            self.register_buffer(f"injected_noise_{i}", noise)
        self.first = first
        self.channels = {side: c for side, c in bank.channels.items() if side >= first}
        # A layer of 4 pixels stands alone; every other level is an upsampling one and a plain one.
        self.starts_at = 4 if first == 4 else first // 2
        self.starts_with = bank.channels[self.starts_at]

    @property
    def num_levels(self) -> int:
        """How many levels: one for each size from `first` up."""
        return len(self.channels)

    @property
    def num_latents(self) -> int:
        """How many latents: one a layer, which the RGB output of the level below it shares."""
        return len(self.layers) + bool(self.to_rgbs)

    def layers_through(self, level: int) -> int:
        """How many layers there are up to a level, itself included."""
        return 2 * level + (1 if self.first == 4 else 2)

    def features(self, level: int, x: Tensor, latents: Tensor) -> Tensor:
        """x of the level below (N, C, s/2, s/2), or the first state, to (N, C, s, s)."""
        end = self.layers_through(level)
        for i in range(max(0, end - 2), end):
            x = self.layers[i](x, latents[:, i], getattr(self, f"injected_noise_{i}"))
        return x

    def rgb(self, level: int, x: Tensor, latents: Tensor, below: Tensor) -> Tensor:
        """The picture (N, 3, s, s) so far: that of the level below, and what x adds to it."""
        out: Tensor = self.to_rgbs[level](x, latents[:, self.layers_through(level)], below)
        return out


class GLEANLightNet(nn.Module):
    """Pictures of `in_size` pixels a side to pictures of the bank's resolution.

    bank: a StyleGAN2 generator, whose levels from `in_size` up become a part of the network (freeze
    them to train as GLEAN is trained).
    channels, growth, blocks, decoder_channels: as of `GLEANNet`.
    has_decoder: False for the variant whose picture is the bank's own.
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
        has_decoder: bool = True,
    ) -> None:
        super().__init__()
        self.in_size, self.out_size = in_size, bank.resolution
        check_sizes(self.in_size, self.out_size)
        here = bank.channels[in_size]
        self.encoder = first_block(Trunk(channels, growth, blocks), here)
        self.generator = UpperBank(bank, in_size, has_rgb=not has_decoder)
        self.first_state = ConstantInput(self.generator.starts_with, self.generator.starts_at)
        self.latents = nn.Parameter(torch.zeros(self.generator.num_latents, bank.style_dim))
        self.fusion = conv3x3(2 * here, here)
        widths = decoder_channels or bank.channels
        self.decoder = (
            decoder(in_size, bank.channels, widths, head=channels)
            if has_decoder
            else nn.ModuleList()
        )

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> GLEANLightNet:
        """The network of a checkpoint that `python -m bench train glean-light` made.

        Raises `CheckpointError`, with every missing and unexpected key.
        """
        anchors = ("encoder.0.conv_first.weight", "encoder.0.conv_body.weight")
        tensors = unwrap(state_dict, anchors, "LightGLEAN")
        return load_strict(lambda: build(tensors), tensors, "LightGLEAN")

    @property
    def scale(self) -> int:
        """Factor between the sides of the input and of the output."""
        return self.out_size // self.in_size

    @property
    def has_decoder(self) -> bool:
        """Whether the picture is the decoder's, not the bank's own."""
        return len(self.decoder) > 0

    def forward(self, x: Tensor) -> Tensor:
        """x (N, 3, S, S) in [-1, 1] to (N, 3, O, O), nominally in [-1, 1], not clamped.

        The noise of the bank is the stored one: the output is a function of x alone. Raises
        `ValueError` at any other size than `in_size`.
        """
        check_input(x, self.in_size, self.out_size)
        f0 = self.encoder(x)
        retrieved = self.retrieve(f0)
        if self.has_decoder:
            return decode(self.decoder, {**retrieved, self.in_size: f0})
        return self.paint(retrieved)

    def retrieve(self, f0: Tensor) -> dict[int, Tensor]:
        """The bank's features at each size from `in_size` up, there already fused with f0."""
        bank, latents = self.generator, self.latents[None]
        # No picture has a part in the first level: one serves a batch.
        x = bank.features(0, self.first_state(1), latents).expand(len(f0), -1, -1, -1)
        retrieved = {self.in_size: self.fusion(torch.cat((x, f0), 1))}
        latents = latents.expand(len(f0), -1, -1)
        for level in range(1, bank.num_levels):
            below = retrieved[self.in_size << level - 1]
            retrieved[self.in_size << level] = bank.features(level, below, latents)
        return retrieved

    def paint(self, retrieved: Mapping[int, Tensor]) -> Tensor:
        """The sum of the bank's RGB outputs, from zero at the size of the input."""
        fused, bank = retrieved[self.in_size], self.generator
        latents = self.latents[None].expand(len(fused), -1, -1)
        rgb = fused.new_zeros(len(fused), 3, bank.starts_at, bank.starts_at)
        for level, features in enumerate(retrieved.values()):
            rgb = bank.rgb(level, features, latents, rgb)
        return rgb

    @torch.no_grad()
    def begin_at_mean(self, bank: StyleGAN2Generator) -> None:
        """Before training: latents and first state are those of the bank at its mean latent.

        Without them the bank is first shown latents that its mapping never gives. A bank without
        mapping changes nothing.
        """
        if not bank.has_mapping:
            return
        mean = bank.mapping(torch.randn(MEAN_OF, bank.latent_dim)).mean(0)
        self.latents.copy_(mean.expand_as(self.latents))
        if self.in_size == 4:
            self.first_state.load_state_dict(bank.constant_input.state_dict())
            return
        layer = 2 * int(math.log2(self.generator.starts_at)) - 2
        self.first_state.input.copy_(bank.head(mean[None], layer, "stored")[:, :-3])


def build(tensors: Mapping[str, Tensor]) -> GLEANLightNet:
    """The network, its weights still to be loaded, whose tensors these are."""
    layers = count(tensors, r"generator\.layers\.(\d+)\.")
    stages = max(0, count(tensors, r"decoder\.(\d+)\.") - 1)
    _, wide, side, _ = tensors["first_state.input"].shape
    in_size = side if layers % 2 else 2 * side
    levels = (layers + 1) // 2
    if (first := tensors.get("encoder.0.conv_first.weight")) is not None and first.ndim == 4:
        require_rgb(first.shape[1], "takes")
    last = {level: layers - 2 * (levels - level) + 1 for level in range(levels)}
    channels = {
        in_size << level: width(tensors, f"generator.layers.{layer}.activate")
        for level, layer in last.items()
    }
    below = {4 << k: wide for k in range(int(math.log2(in_size)) - 2)}
    bank = StyleGAN2Generator(
        in_size << levels - 1, tensors["latents"].shape[1], 0, below | channels
    )
    return GLEANLightNet(
        in_size,
        bank,
        channels=width(tensors, "encoder.0.conv_first"),
        growth=width(tensors, "encoder.0.body.0.rdb1.conv1"),
        blocks=count(tensors, r"encoder\.0\.body\.(\d+)\."),
        decoder_channels={
            in_size << stage + 1: width(tensors, f"decoder.{stage}.upsample_conv") // 4
            for stage in range(stages)
        },
        has_decoder=stages > 0,
    )
