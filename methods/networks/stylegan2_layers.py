"""The layers of StyleGAN2, from the mapping network's to the RGB output.

A modulated convolution is computed as *scale the input, convolve, scale the output*: equal to
modulating and demodulating the weights (eqs. 1 and 3 of the paper), without a weight tensor for
every sample, and so several times faster on a CPU.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from methods.networks.prepared import Kernel, Prepared, plus, times

MAPPING_LR = 0.01
SQRT2 = math.sqrt(2)


class PixelNorm(nn.Module):
    """Scale each latent to unit mean square."""

    def forward(self, z: Tensor) -> Tensor:
        return z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8)


class EqualLinear(Prepared[Tensor]):
    """A linear map whose weight is stored at unit variance and scaled at run time."""

    def __init__(self, inputs: int, outputs: int, lr: float = 1.0) -> None:
        super().__init__()
        self.weight_orig = nn.Parameter(torch.randn(outputs, inputs) / lr)
        self.scale = lr / math.sqrt(inputs)

    def make(self) -> Tensor:
        return self.weight_orig * self.scale

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.made())


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
    """The learned start of every image."""

    def __init__(self, channels: int, side: int = 4) -> None:
        super().__init__()
        self.input = nn.Parameter(torch.randn(1, channels, side, side))

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


class ModulatedConv(Prepared[tuple[Kernel, Tensor | None]]):
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

    def make(self) -> tuple[Kernel, Tensor | None]:
        """The kernel and, to demodulate, its power (O, I)."""
        weight = self.weight_orig[0] * self.scale
        power = weight.float().square().sum((2, 3)) if self.demodulate else None
        return Kernel(weight), power

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        style = self.style_modulation(w)
        kernel, power = self.made()
        if self.blur is None:
            x = kernel(x, style[:, :, None, None])
        else:
            x = self.blur(kernel.up(x, style[:, :, None, None]))
        if power is None:
            return x
        scale = torch.rsqrt(F.linear(style.float().square(), power) + 1e-8)
        return times(x, scale[:, :, None, None].to(x.dtype))


class NoiseInjection(nn.Module):
    """Add a noise map, the same for all channels, at a learned strength."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor, noise: Tensor) -> Tensor:
        return plus(x, (self.weight * noise).to(x.dtype))


class BiasedLeakyReLU(nn.Module):
    """Bias, LeakyReLU 0.2, and a gain of sqrt(2) that keeps the variance."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        x = plus(x, self.bias[:, None, None].to(x.dtype))
        return times(F.leaky_relu_(x, 0.2), SQRT2)


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
