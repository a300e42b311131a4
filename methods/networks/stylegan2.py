"""StyleGAN2 generator (Karras et al. 2020, arXiv 1912.04958), in pure PyTorch.

Parameter names follow mmagic's `StyleGANv2Generator`, the layout in which GLEAN carries its
bank; the other layouts found in the wild are renamed by `stylegan2_layouts`. Checked against
mmagic, rosinality/stylegan2-pytorch and NVlabs/stylegan2-ada-pytorch.

A modulated convolution is computed as *scale the input, convolve, scale the output*: equal to
modulating and demodulating the weights (eqs. 1 and 3 of the paper), without a weight tensor for
every sample, and so several times faster on a CPU.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.networks.checkpoint import count, load_strict, unwrap
from methods.networks.stylegan2_layouts import ANCHORS, to_mmagic

Noise = Literal["stored", "random"] | Sequence[Tensor]
MAPPING_LR = 0.01
SQRT2 = math.sqrt(2)


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
        """The generator of a checkpoint in mmagic's, rosinality's, NVlabs' or BasicSR's layout.

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


class PixelNorm(nn.Module):
    """Scale each latent to unit mean square."""

    def forward(self, z: Tensor) -> Tensor:
        return z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8)


class EqualLinear(nn.Module):
    """A linear map whose weight is stored at unit variance and scaled at run time."""

    def __init__(self, inputs: int, outputs: int, lr: float = 1.0) -> None:
        super().__init__()
        self.weight_orig = nn.Parameter(torch.randn(outputs, inputs) / lr)
        self.scale = lr / math.sqrt(inputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight_orig * self.scale)


class MappingLayer(nn.Module):
    """One layer of the mapping network, at a hundredth of the learning rate."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = EqualLinear(width, width, MAPPING_LR)
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(self.linear(x) + self.bias * MAPPING_LR, 0.2) * SQRT2


class StyleModulation(nn.Module):
    """Latent to one scale for each input channel; the bias starts at, and includes, the 1."""

    def __init__(self, style_dim: int, channels: int) -> None:
        super().__init__()
        self.linear = EqualLinear(style_dim, channels)
        self.bias = nn.Parameter(torch.ones(channels))

    def forward(self, w: Tensor) -> Tensor:
        scales: Tensor = self.linear(w) + self.bias
        return scales


class ConstantInput(nn.Module):
    """The learned 4x4 start of every image."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.input = nn.Parameter(torch.randn(1, channels, 4, 4))

    def forward(self, batch: int) -> Tensor:
        return self.input.expand(batch, -1, -1, -1)


class Blur(nn.Module):
    """FIR filter with the outer product of [1, 3, 3, 1], at the gain that x2 upsampling needs."""

    kernel: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("kernel", upsampling_kernel())

    def forward(self, x: Tensor) -> Tensor:
        # The kernel is an outer product: two passes of its one-dimensional factor cost half.
        taps = (self.kernel.sum(1) / self.kernel.sum().sqrt()).to(x.dtype)
        c = x.shape[1]
        x = F.conv2d(x, taps.view(1, 1, 4, 1).expand(c, 1, 4, 1), padding=(1, 0), groups=c)
        return F.conv2d(x, taps.view(1, 1, 1, 4).expand(c, 1, 1, 4), padding=(0, 1), groups=c)


class Upsample(nn.Module):
    """x2 upsampling of the RGB skip: zeros between the samples, then the FIR filter."""

    kernel: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("kernel", upsampling_kernel())

    def forward(self, x: Tensor) -> Tensor:
        c = x.shape[1]
        weight = self.kernel.to(x.dtype).expand(c, 1, 4, 4)
        return F.conv_transpose2d(x, weight, stride=2, padding=1, groups=c)


def upsampling_kernel() -> Tensor:
    """(4, 4), sum 4."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    return torch.outer(taps, taps) / 16


class ModulatedConv(nn.Module):
    """Convolution whose input channels are scaled by the style, and its output renormalised."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        style_dim: int,
        kernel: int = 3,
        upsample: bool = False,
        demodulate: bool = True,
    ) -> None:
        super().__init__()
        self.weight_orig = nn.Parameter(torch.randn(1, outputs, inputs, kernel, kernel))
        self.style_modulation = StyleModulation(style_dim, inputs)
        self.scale = 1 / math.sqrt(inputs * kernel**2)
        self.demodulate = demodulate
        self.blur = Blur() if upsample else None

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        style = self.style_modulation(w)
        weight = self.weight_orig[0] * self.scale
        x = x * style[:, :, None, None].to(x.dtype)
        if self.blur is None:
            x = F.conv2d(x, weight, padding=weight.shape[-1] // 2)
        else:
            x = self.blur(F.conv_transpose2d(x, weight.transpose(0, 1), stride=2))
        if self.demodulate:
            power = F.linear(style.float().square(), weight.float().square().sum((2, 3)))
            x = x * torch.rsqrt(power + 1e-8)[:, :, None, None].to(x.dtype)
        return x


class NoiseInjection(nn.Module):
    """Add a noise map, the same for all channels, at a learned strength."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor, noise: Tensor) -> Tensor:
        return x + (self.weight * noise).to(x.dtype)


class BiasedLeakyReLU(nn.Module):
    """Bias, LeakyReLU 0.2, and a gain of sqrt(2) that keeps the variance."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(x + self.bias[:, None, None].to(x.dtype), 0.2) * SQRT2


class StyledConv(nn.Module):
    """Modulated convolution, noise, bias and activation."""

    def __init__(self, inputs: int, outputs: int, style_dim: int, upsample: bool = False) -> None:
        super().__init__()
        self.conv = ModulatedConv(inputs, outputs, style_dim, upsample=upsample)
        self.noise_injector = NoiseInjection()
        self.activate = BiasedLeakyReLU(outputs)

    def forward(self, x: Tensor, w: Tensor, noise: Tensor) -> Tensor:
        out: Tensor = self.activate(self.noise_injector(self.conv(x, w), noise))
        return out


class ToRGB(nn.Module):
    """Features to RGB, added to the upsampled RGB of the level below."""

    def __init__(self, channels: int, style_dim: int, upsample: bool = True) -> None:
        super().__init__()
        self.conv = ModulatedConv(channels, 3, style_dim, kernel=1, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))
        self.upsample = Upsample() if upsample else None

    def forward(self, x: Tensor, w: Tensor, below: Tensor | None = None) -> Tensor:
        rgb: Tensor = self.conv(x, w) + self.bias.to(x.dtype)
        return rgb if self.upsample is None else rgb + self.upsample(below)
