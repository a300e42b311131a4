"""The layers of StyleGAN, from the equalised convolution to the block of a resolution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from methods.networks.prepared import Kernel, Prepared, plus

SQRT2 = math.sqrt(2)
FUSED_FROM = 128  # from this output size on, upsampling and convolution are one step


class EqualWeight(nn.Module):
    """Kernels stored at unit variance and scaled at run time, and a bias."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, gain: float = SQRT2) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale = gain / math.sqrt(inputs * kernel**2)


class EqualConv(EqualWeight, Prepared[Kernel]):
    """A convolution at an equalised learning rate."""

    def make(self) -> Kernel:
        return Kernel(self.weight * self.scale)

    def forward(self, x: Tensor) -> Tensor:
        return self.made()(x, bias=self.bias)


class EqualLinear(Prepared[tuple[Tensor, Tensor]]):
    """A linear map whose weight is stored at unit variance and scaled at run time."""

    def __init__(self, inputs: int, outputs: int, gain: float, lr: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / lr)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale, self.lr = gain / math.sqrt(inputs) * lr, lr

    def make(self) -> tuple[Tensor, Tensor]:
        return self.weight * self.scale, self.bias * self.lr

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, *self.made())


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


class UpConv(EqualWeight, Prepared[tuple[Kernel, Kernel]]):
    """Twice the size, convolution, blur, and only then the bias."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.intermediate = Blur()

    def make(self) -> tuple[Kernel, Kernel]:
        """The kernels, and turned by 180 degrees, as the one step of the larger sizes has them."""
        weight = self.weight * self.scale
        return Kernel(weight), Kernel(weight.flip(2, 3))

    def forward(self, x: Tensor) -> Tensor:
        kernel, turned = self.made()
        is_fused = 2 * x.shape[-1] >= FUSED_FROM
        if is_fused and not turned.is_quick(x, enlarged=2):
            # Nearest neighbour, then 3x3, is a transposed convolution with four shifted copies.
            spread = F.pad(kernel.weight, (1, 1, 1, 1))
            fused = spread[..., 1:, 1:] + spread[..., :-1, 1:]
            fused = fused + spread[..., 1:, :-1] + spread[..., :-1, :-1]
            x = F.conv_transpose2d(x, fused.transpose(0, 1), stride=2, padding=1)
        else:
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = turned(x) if is_fused else kernel(x)
        return plus(self.intermediate(x), self.bias[:, None, None])


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
        # In two sums: `torch.var_mean` takes four times as long of features in `channels_last`.
        area = x.shape[2] * x.shape[3]
        centred = x - x.sum((2, 3), keepdim=True) / area
        variance = (centred * centred).sum((2, 3), keepdim=True) / area
        inverse = torch.rsqrt(variance + 1e-5)
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
