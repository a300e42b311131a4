"""Weights that stay fixed, kept in the form in which a layer computes with them.

A layer that derives from `Prepared` says in `make` what it computes with: a kernel scaled, laid out
or transformed. While the weights may change it is made in each call; `prepare`, which whoever opens
a network to use it calls, has it made once. What is computed stays the same up to rounding.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from methods.networks import winograd
from methods.networks.transposed import spread, spread_taps

# Fewer channels, or multiplications, and the direct sum is as fast.
CHANNELS = 128
MACS = 1 << 29

PLAIN: ContextVar[bool] = ContextVar("PLAIN", default=False)
Made = TypeVar("Made")


@contextmanager
def plainly() -> Iterator[None]:
    """Within it convolutions are computed as they are written in their papers, so that their
    multiplications can be counted."""
    token = PLAIN.set(True)
    try:
        yield
    finally:
        PLAIN.reset(token)


class Prepared(nn.Module, ABC, Generic[Made]):
    """A layer that computes with something made of its weights."""

    kept: Made | None = None

    @abstractmethod
    def make(self) -> Made:
        """What it computes with, of the weights as they are now."""

    def made(self) -> Made:
        """The same, made now or kept."""
        return self.make() if self.kept is None else self.kept


def prepare(network: nn.Module) -> None:
    """Have every layer keep what it makes of its weights, which must not change any more."""
    for module in network.modules():
        if isinstance(module, Prepared):
            module.kept = kept(module.make())


def kept(made: Any) -> Any:
    """What is made, its kernels free to take other forms."""
    for part in made if isinstance(made, tuple) else (made,):
        if isinstance(part, Kernel):
            part.fixed = True
    return made


class Kernel:
    """A convolution of kernels (O, I, k, k) that keeps the size, unless told its padding."""

    def __init__(self, weight: Tensor, padding: int | None = None) -> None:
        self.weight = weight
        self.padding = weight.shape[-1] // 2 if padding is None else padding
        self.fixed = False
        self.forms: dict[str, Tensor] = {}

    def __call__(
        self, x: Tensor, scale: Tensor | None = None, bias: Tensor | None = None
    ) -> Tensor:
        """Of x * scale, plus the bias; x (N, I, H, W), scale (N, I, 1, 1), bias (O)."""
        is_pointwise = self.weight.shape[-1] == 1 and bias is None
        if is_pointwise and scale is not None and self.serves(x):
            return pointwise(x, self.weight[:, :, 0, 0] * scale[:, None, :, 0, 0])
        if not self.is_quick(x):
            x, weight = self.modulated(x, scale)
            return F.conv2d(x, weight, bias, padding=self.padding)
        if wants_gradient(x, scale):
            out: Tensor = Winograd.apply(scaled(x, scale), self)
        else:
            out = winograd.convolve(x, self.winograd(), scale)
        return out if bias is None else plus(out, bias[:, None, None])

    def up(self, x: Tensor, scale: Tensor | None = None) -> Tensor:
        """Its transpose with a stride of 2: (N, O, 2 H + 1, 2 W + 1)."""
        if not self.serves(x) or not self.has_work(x) or wants_gradient(x, scale):
            x, weight = self.modulated(x, scale)
            return F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
        return spread(x, self.form("spread", spread_taps), scale)

    def modulated(self, x: Tensor, scale: Tensor | None) -> tuple[Tensor, Tensor]:
        """Input and kernels, of which one is scaled: of a single picture whichever is smaller."""
        is_smaller = len(x) == 1 and self.weight.numel() < x.numel()
        if scale is None or not (is_smaller and self.serves(x)) or wants_gradient(x, scale):
            return scaled(x, scale), self.weight
        return x, self.weight * scale

    def serves(self, x: Tensor) -> bool:
        """Whether other forms than the plain one may be taken: on a CPU, in float32, where no
        compiler reads along, which makes its own of the plain one."""
        return (
            not torch.compiler.is_compiling()
            and self.fixed
            and x.device.type == "cpu"
            and x.dtype == self.weight.dtype == torch.float32
            and not torch.is_autocast_enabled("cpu")
            and not PLAIN.get()
        )

    def has_work(self, x: Tensor, enlarged: int = 1) -> bool:
        """Whether there is enough to multiply."""
        pixels = len(x) * math.prod(x.shape[-2:]) * enlarged**2
        return min(self.weight.shape[:2]) >= CHANNELS and self.weight.numel() * pixels >= MACS

    def is_quick(self, x: Tensor, enlarged: int = 1) -> bool:
        """Whether Winograd's form is possible and faster, of x enlarged by a factor."""
        whole = not any(side * enlarged % winograd.TILE for side in x.shape[-2:])
        is_3x3 = self.weight.shape[-1] == 3 and self.padding == 1
        return is_3x3 and whole and self.serves(x) and self.has_work(x, enlarged)

    def winograd(self) -> Tensor:
        return self.form("winograd", winograd.transformed)

    def winograd_back(self) -> Tensor:
        """Of the convolution that takes gradients back."""
        return self.form(
            "back", lambda weight: winograd.transformed(weight.flip(2, 3).transpose(0, 1))
        )

    def form(self, name: str, make: Any) -> Tensor:
        if name not in self.forms:
            with torch.no_grad():
                self.forms[name] = make(self.weight)
        return self.forms[name]


class Convolution(Prepared[Kernel], nn.Conv2d):
    """An `nn.Conv2d` of odd kernels, with a bias, that keeps the size."""

    def __init__(self, inputs: int, outputs: int, side: int = 3) -> None:
        super().__init__(inputs, outputs, side, padding=side // 2)

    def make(self) -> Kernel:
        return Kernel(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.made()(x, bias=self.bias)


class Winograd(Function):
    """`Kernel` with a gradient of its input."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: Kernel) -> Tensor:
        ctx.kernel = kernel
        return winograd.convolve(x, kernel.winograd())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return winograd.convolve(gradient, ctx.kernel.winograd_back()), None


def pointwise(x: Tensor, weights: Tensor) -> Tensor:
    """A 1x1 convolution of x (N, I, H, W) with weights (N, O, I) of each picture's own."""
    pixels = x.permute(0, 2, 3, 1).flatten(1, 2)
    out = pixels @ weights.transpose(1, 2)
    return out.view(len(x), *x.shape[-2:], -1).permute(0, 3, 1, 2)


def wants_gradient(*tensors: Tensor | None) -> bool:
    """Whether a gradient of one of them is wanted."""
    return torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors)


def scaled(x: Tensor, scale: Tensor | None) -> Tensor:
    return x if scale is None else x * scale.to(x.dtype)


def times(x: Tensor, factor: Tensor | float) -> Tensor:
    """x * factor, in the place of x, which nothing else reads, where no gradient is wanted."""
    if wants_gradient(x, factor if isinstance(factor, Tensor) else None):
        return x * factor
    return x.mul_(factor)


def plus(x: Tensor, term: Tensor) -> Tensor:
    """x + term, likewise."""
    return x + term if wants_gradient(x, term) else x.add_(term)
