"""StyleGAN2 generator (Karras et al. 2020, arXiv 1912.04958), in pure PyTorch.

Parameter names follow mmagic's `StyleGANv2Generator`, the layout in which GLEAN carries its
bank; the other layouts found in the wild are renamed by `stylegan2_layouts`. Checked against
mmagic, rosinality/stylegan2-pytorch and NVlabs/stylegan2-ada-pytorch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

import torch
from torch import Tensor, nn

from methods.checkpoints.state_dict import count, load_strict, unwrap
from methods.networks.stylegan2_layers import (
    ConstantInput,
    MappingLayer,
    PixelNorm,
    StyledConv,
    ToRGB,
)
from methods.networks.stylegan2_layouts import ANCHORS, to_mmagic

Noise = Literal["stored", "random"] | Sequence[Tensor]


class Config(TypedDict):
    """Constructor arguments of a `StyleGAN2Generator`."""

    resolution: int
    style_dim: int
    num_mlps: int
    channels: Mapping[int, int]


def config_f_channels(resolution: int, multiplier: int = 2) -> dict[int, int]:
    """Width at each resolution of the official config-f (multiplier 2) and config-e (1)."""
    widths = {4: 512, 8: 512, 16: 512, 32: 512, 64: 256 * multiplier, 128: 128 * multiplier}
    widths |= {256: 64 * multiplier, 512: 32 * multiplier, 1024: 16 * multiplier}
    return {r: c for r, c in widths.items() if r <= resolution}


def noise_resolution(index: int) -> int:
    """Side in pixels of noise input `index`: 4, 8, 8, 16, 16, ..."""
    return int(2 ** ((index + 5) // 2))


class StyleGAN2Generator(nn.Module):
    """Latent z to image, by `mapping` and `synthesis`.

    channels: width at each resolution 4, 8, ..., `resolution`; narrower ones than the official
    make the small banks of this project.
    """

    def __init__(
        self,
        resolution: int,
        style_dim: int = 512,
        num_mlps: int = 8,
        channels: Mapping[int, int] | None = None,
    ) -> None:
        super().__init__()
        self.resolution = resolution
        self.style_dim = style_dim
        self.channels = dict(channels or config_f_channels(resolution))
        self.num_levels = int(math.log2(resolution)) - 2
        self.num_latents = 2 * self.num_levels + 2
        self.num_noises = 2 * self.num_levels + 1
        self.noise_sides = tuple(noise_resolution(i) for i in range(self.num_noises))
        self.split_layers = tuple(range(2, 2 * self.num_levels + 2, 2))

        self.style_mapping = nn.Sequential(
            PixelNorm(), *(MappingLayer(style_dim) for _ in range(num_mlps))
        )
        self.constant_input = ConstantInput(self.channels[4])
        self.conv1 = StyledConv(self.channels[4], self.channels[4], style_dim)
        self.to_rgb1 = ToRGB(self.channels[4], style_dim, upsample=False)
        self.convs = nn.ModuleList()
        self.to_rgbs = nn.ModuleList()
        for level in range(self.num_levels):
            below, here = self.channels[4 << level], self.channels[8 << level]
            self.convs.append(StyledConv(below, here, style_dim, upsample=True))
            self.convs.append(StyledConv(here, here, style_dim))
            self.to_rgbs.append(ToRGB(here, style_dim))
        for index, side in enumerate(self.noise_sides):
            self.register_buffer(f"injected_noise_{index}", torch.randn(1, 1, side, side))

    @property
    def latent_dim(self) -> int:
        """Length of z, and of w."""
        return self.style_dim

    @property
    def has_mapping(self) -> bool:
        """Whether the checkpoint came with its mapping network."""
        return len(self.style_mapping) > 1

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> StyleGAN2Generator:
        """The generator of a checkpoint in any of the layouts of `stylegan2_layouts`.

        Raises `CheckpointError`, with every missing and unexpected key, if the layout is none of
        these or a tensor has the wrong shape.
        """
        tensors = to_mmagic(unwrap(state_dict, ANCHORS, "StyleGAN2 generator"))
        return load_strict(lambda: cls(**infer_config(tensors)), tensors, "StyleGAN2 generator")

    def mapping(self, z: Tensor) -> Tensor:
        """z (N, D) from N(0, 1) to w (N, D)."""
        w: Tensor = self.style_mapping(z)
        return w

    def synthesis(self, w: Tensor, noise: Noise = "stored") -> Tensor:
        """Images (N, 3, R, R), nominally in [-1, 1], of w (N, D) or one w a layer (N, L, D).

        noise: the buffers stored in the checkpoint (a pure function of w), fresh random maps, or
        a list of `num_noises` maps (N or 1, 1, r, r).
        """
        styles, noises = self.per_layer(w), self.noise_maps(noise, w)
        x, rgb = self.first(styles, noises)
        for level in range(self.num_levels):
            x, rgb = self.level(level, x, rgb, styles, noises)
        return rgb

    def forward(self, z: Tensor, noise: Noise = "random") -> Tensor:
        """Images of z (N, D)."""
        return self.synthesis(self.mapping(z), noise)

    def head(self, w: Tensor, layer: int, noise: Noise) -> Tensor:
        """Features and RGB (N, C + 3, r, r) after the first `layer` layers."""
        styles, noises = self.per_layer(w), self.noise_maps(noise, w)
        x, rgb = self.first(styles, noises)
        for level in range(layer // 2 - 1):
            x, rgb = self.level(level, x, rgb, styles, noises)
        return torch.cat((x, rgb), 1)

    def tail(self, features: Tensor, layer: int, w: Tensor, noise: Noise) -> Tensor:
        """Images of what `head` gives for the same layer, the layers above steered by w."""
        styles, noises = self.per_layer(w), self.noise_maps(noise, w)
        x, rgb = features[:, :-3], features[:, -3:]
        for level in range(layer // 2 - 1, self.num_levels):
            x, rgb = self.level(level, x, rgb, styles, noises)
        return rgb

    def first(self, styles: Tensor, noises: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Features and RGB at 4x4 pixels."""
        x = self.conv1(self.constant_input(len(styles)), styles[:, 0], noises[0])
        return x, self.to_rgb1(x, styles[:, 1])

    def level(
        self, level: int, x: Tensor, rgb: Tensor, styles: Tensor, noises: Sequence[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Features and RGB at twice the size; level 0 goes from 4 to 8 pixels."""
        x = self.features(level, x, styles, noises)
        return x, self.to_rgbs[level](x, styles[:, 2 * level + 3], rgb)

    def features(self, level: int, x: Tensor, styles: Tensor, noises: Sequence[Tensor]) -> Tensor:
        """The two convolutions of a level, without its RGB output (all that GLEAN needs)."""
        i = 2 * level + 1
        x = self.convs[i - 1](x, styles[:, i], noises[i])
        out: Tensor = self.convs[i](x, styles[:, i + 1], noises[i + 1])
        return out

    def per_layer(self, w: Tensor) -> Tensor:
        """w as (N, L, D): a single latent serves every layer."""
        return w.unsqueeze(1).expand(-1, self.num_latents, -1) if w.ndim == 2 else w

    def noise_maps(self, noise: Noise, like: Tensor) -> list[Tensor]:
        """The maps of each noise input for a batch as large as `like`."""
        if noise == "stored":
            return [getattr(self, f"injected_noise_{i}") for i in range(self.num_noises)]
        if noise == "random":
            return [like.new_empty(len(like), 1, r, r).normal_() for r in self.noise_sides]
        if len(noise) != self.num_noises:
            raise ValueError(f"noise: {self.num_noises} maps are needed, not {len(noise)}")
        return list(noise)


def infer_config(tensors: Mapping[str, Tensor]) -> Config:
    """Constructor arguments of the generator whose tensors (mmagic layout) these are."""
    levels = count(tensors, r"to_rgbs\.(\d+)\.")
    mlps = max(0, count(tensors, r"style_mapping\.(\d+)\.") - 1)
    channels = {4: tensors["constant_input.input"].shape[1]}
    for level in range(levels):
        channels[8 << level] = tensors[f"convs.{2 * level + 1}.activate.bias"].shape[0]
    style_dim = tensors["conv1.conv.style_modulation.linear.weight_orig"].shape[1]
    return Config(resolution=4 << levels, style_dim=style_dim, num_mlps=mlps, channels=channels)
