"""StyleGAN generator (Karras et al. 2019, arXiv 1812.04948), as PULSE or GenForce publish it.

One state dict holds the keys of synthesis and of mapping; PULSE ships them as two files. Checked
against PULSE's port.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from methods.checkpoints.state_dict import count, load_strict, require_rgb, unwrap, width
from methods.networks.stylegan1_genforce import ANCHOR, to_pulse
from methods.networks.stylegan2_layers import PixelNorm

SQRT2 = math.sqrt(2)
MAPPING_LR = 0.01
# Keys by which the layouts of PULSE and GenForce are known.
ANCHORS = ("blocks.4x4.const", ANCHOR)
FUSED_FROM = 128  # from this output size on, upsampling and convolution are one step


class StyleGAN1Generator(nn.Module):
    """Latent z to image, by `mapping` and `synthesis`.

    channels: width at each resolution 4, 8, ..., up to the image's.
    """

    def __init__(
        self, channels: Mapping[int, int], latent_dim: int = 512, mapping_layers: int = 8
    ) -> None:
        super().__init__()
        self.channels = dict(channels)
        self.resolution = max(channels)
        self.latent_dim = latent_dim
        self.num_latents = 2 * len(channels)
        self.noise_sides = tuple(side for side in sorted(channels) for _ in range(2))
        self.split_layers = tuple(range(2, self.num_latents, 2))
        self.num_mlps = mapping_layers
        for i in range(mapping_layers):
            self.add_module(f"dense{i}", EqualLinear(latent_dim, latent_dim, SQRT2, MAPPING_LR))
        self.blocks = nn.ModuleDict()
        for side in sorted(channels):
            below = channels.get(side // 2)
            block = (
                InputBlock(channels[side], latent_dim)
                if below is None
                else UpBlock(below, channels[side], latent_dim)
            )
            self.blocks[f"{side}x{side}"] = block
        self.torgb = EqualConv(channels[self.resolution], 3, kernel=1, gain=1.0)

    @property
    def has_mapping(self) -> bool:
        """Whether the checkpoint came with its mapping network, which PULSE keeps apart."""
        return self.num_mlps > 0

    @classmethod
    def from_state_dict(cls, state_dict: Mapping[str, object]) -> StyleGAN1Generator:
        """The generator whose synthesis and mapping tensors these are.

        Raises `CheckpointError`, with every missing and unexpected key.
        """
        tensors = unwrap(state_dict, ANCHORS, "StyleGAN generator", to_pulse)
        return load_strict(lambda: cls(**infer_config(tensors)), tensors, "StyleGAN generator")

    def mapping(self, z: Tensor) -> Tensor:
        """z (N, D) from N(0, 1) to w (N, D)."""
        w: Tensor = PixelNorm()(z)
        for i in range(self.num_mlps):
            w = F.leaky_relu(self.get_submodule(f"dense{i}")(w), 0.2)
        return w

    def synthesis(self, w: Tensor, noise: Sequence[Tensor]) -> Tensor:
        """Images (N, 3, R, R), nominally in [-1, 1], of w (N, D) or one w a layer (N, L, D).

        noise: maps (N or 1, 1, r, r) of sides `noise_sides`.
        """
        return self.tail(self.head(w, 2, noise), 2, w, noise)

    def head(self, w: Tensor, layer: int, noise: Sequence[Tensor]) -> Tensor:
        """Features (N, C, r, r) after the first `layer` layers."""
        styles = self.per_layer(w)
        x = styles.new_empty(0)
        for level in range(layer // 2):
            x = self.level(level, x, styles, noise)
        return x

    def tail(self, features: Tensor, layer: int, w: Tensor, noise: Sequence[Tensor]) -> Tensor:
        """Images of what `head` gives for the same layer, the layers above steered by w."""
        x, styles = features, self.per_layer(w)
        for level in range(layer // 2, len(self.blocks)):
            x = self.level(level, x, styles, noise)
        out: Tensor = self.torgb(x)
        return out

    def per_layer(self, w: Tensor) -> Tensor:
        """w as (N, L, D): a single latent serves every layer."""
        return w.unsqueeze(1).expand(-1, self.num_latents, -1) if w.ndim == 2 else w

    def level(self, level: int, x: Tensor, styles: Tensor, noise: Sequence[Tensor]) -> Tensor:
        """Features after a resolution; level 0 starts at 4 px and takes no features."""
        side, i = 4 << level, 2 * level
        out: Tensor = self.blocks[f"{side}x{side}"](x, styles[:, i : i + 2], noise[i : i + 2])
        return out


def infer_config(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """Constructor arguments of the generator whose tensors these are."""
    if "torgb.weight" in tensors:
        require_rgb(width(tensors, "torgb"), "gives")
    channels = {4: width(tensors, "blocks.4x4.conv")}
    while f"blocks.{2 * max(channels)}x{2 * max(channels)}.conv1.weight" in tensors:
        side = 2 * max(channels)
        channels[side] = width(tensors, f"blocks.{side}x{side}.conv1")
    style = tensors.get("blocks.4x4.epi1.style_mod.lin.weight")
    return {
        "channels": channels,
        "latent_dim": 512 if style is None else style.shape[1],
        "mapping_layers": count(tensors, r"dense(\d+)\."),
    }


class EqualConv(nn.Module):
    """A convolution whose weight is stored at unit variance and scaled at run time."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, gain: float = SQRT2) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale = gain / math.sqrt(inputs * kernel**2)

    def forward(self, x: Tensor) -> Tensor:
        padding = self.weight.shape[-1] // 2
        return F.conv2d(x, self.weight * self.scale, self.bias, padding=padding)


class EqualLinear(nn.Module):
    """A linear map whose weight is stored at unit variance and scaled at run time."""

    def __init__(self, inputs: int, outputs: int, gain: float, lr: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / lr)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale, self.lr = gain / math.sqrt(inputs) * lr, lr

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight * self.scale, self.bias * self.lr)


class Blur(nn.Module):
    """The outer product of [1, 2, 1], normalised."""

    kernel: Tensor

    def __init__(self) -> None:
        super().__init__()
        taps = torch.tensor([1.0, 2.0, 1.0])
        self.register_buffer("kernel", (torch.outer(taps, taps) / 16)[None, None])

    def forward(self, x: Tensor) -> Tensor:
        c = x.shape[1]
        return F.conv2d(x, self.kernel.expand(c, 1, 3, 3), padding=1, groups=c)


class UpConv(EqualConv):
    """Twice the size, convolution, blur, and only then the bias."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.intermediate = Blur()

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight * self.scale
        if 2 * x.shape[-1] >= FUSED_FROM:
            # Nearest neighbour, then 3x3, is a transposed convolution with four shifted copies.
            spread = F.pad(weight, (1, 1, 1, 1))
            fused = spread[..., 1:, 1:] + spread[..., :-1, 1:]
            fused = fused + spread[..., 1:, :-1] + spread[..., :-1, :-1]
            x = F.conv_transpose2d(x, fused.transpose(0, 1), stride=2, padding=1)
        else:
            x = F.conv2d(F.interpolate(x, scale_factor=2.0, mode="nearest"), weight, padding=1)
        out: Tensor = self.intermediate(x) + self.bias[:, None, None]
        return out


class NoiseInjection(nn.Module):
    """Add a noise map at a strength learned for each channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor, noise: Tensor) -> Tensor:
        return torch.addcmul(x, self.weight[:, None, None], noise)


class StyleModulation(nn.Module):
    """Scale and shift of each normalised channel, from the latent."""

    def __init__(self, latent_dim: int, channels: int) -> None:
        super().__init__()
        self.lin = EqualLinear(latent_dim, 2 * channels, gain=1.0)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        scale, shift = self.lin(w).view(len(w), 2, -1, 1, 1).unbind(1)
        out: Tensor = AdaptiveInstanceNorm.apply(x, scale + 1, shift)
        return out


class AdaptiveInstanceNorm(Function):
    """AdaIN (eq. 1 of the paper): each channel of each image at mean 0 and variance 1, then scaled
    and shifted; x (N, C, H, W), scale and shift (N, C, 1, 1).

    One function, which passes over the features half as often as its parts would. Not of
    `F.instance_norm`: on a CPU its gradient is wrong for a batch of one if it arrives in
    `channels_last` (seen with PyTorch 2.14).
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        variance, mean = torch.var_mean(x, (2, 3), correction=0, keepdim=True)
        centred, inverse = x - mean, torch.rsqrt(variance + 1e-5)
        ctx.save_for_backward(centred, inverse, scale)
        return torch.addcmul(shift, centred, scale * inverse)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, out: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        centred, inverse, scale = ctx.saved_tensors
        area = centred[0, 0].numel()
        of_shift = out.sum((2, 3), keepdim=True)
        of_scale = (out * centred).sum((2, 3), keepdim=True) * inverse
        gain = scale * inverse
        of_x = torch.addcmul(-gain * of_shift / area, centred, -gain * of_scale * inverse / area)
        return of_x.addcmul_(out, gain), of_scale, of_shift


class Epilogue(nn.Module):
    """What follows every convolution: noise, activation, normalisation, style."""

    def __init__(self, channels: int, latent_dim: int) -> None:
        super().__init__()
        self.noise = NoiseInjection(channels)
        self.style_mod = StyleModulation(latent_dim, channels)

    def forward(self, x: Tensor, w: Tensor, noise: Tensor) -> Tensor:
        out: Tensor = self.style_mod(F.leaky_relu_(self.noise(x, noise), 0.2), w)
        return out


class InputBlock(nn.Module):
    """4x4 pixels, from a learned constant."""

    def __init__(self, channels: int, latent_dim: int) -> None:
        super().__init__()
        self.const = nn.Parameter(torch.ones(1, channels, 4, 4))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.epi1 = Epilogue(channels, latent_dim)
        self.conv = EqualConv(channels, channels)
        self.epi2 = Epilogue(channels, latent_dim)

    def forward(self, _: Tensor, w: Tensor, noise: Sequence[Tensor]) -> Tensor:
        x = (self.const + self.bias[:, None, None]).expand(len(w), -1, -1, -1)
        x = self.epi1(x, w[:, 0], noise[0])
        out: Tensor = self.epi2(self.conv(x), w[:, 1], noise[1])
        return out


class UpBlock(nn.Module):
    """Twice the size of the block below."""

    def __init__(self, inputs: int, channels: int, latent_dim: int) -> None:
        super().__init__()
        self.conv0_up = UpConv(inputs, channels)
        self.epi1 = Epilogue(channels, latent_dim)
        self.conv1 = EqualConv(channels, channels)
        self.epi2 = Epilogue(channels, latent_dim)

    def forward(self, x: Tensor, w: Tensor, noise: Sequence[Tensor]) -> Tensor:
        x = self.epi1(self.conv0_up(x), w[:, 0], noise[0])
        out: Tensor = self.epi2(self.conv1(x), w[:, 1], noise[1])
        return out
