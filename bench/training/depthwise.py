"""Strided depthwise convolutions of frozen weights, with a gradient that is fast in bfloat16.

oneDNN has no vectorised kernel for the input's gradient of one in bfloat16: the four of
EfficientNet-lite0 took 34 ms of each training step at batch 8, against 1.2 ms for the same numbers
from an ordinary convolution of the gradient with zeros between its pixels.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class StridedDepthwise(nn.Conv2d):
    """A strided depthwise convolution without padding; gradients flow to its input alone."""

    def forward(self, x: Tensor) -> Tensor:
        """As `nn.Conv2d`, whose own gradient is kept wherever it is not bfloat16 on a CPU."""
        if x.device.type != "cpu" or not torch.is_autocast_enabled("cpu"):
            return super().forward(x)
        y: Tensor = ZeroStuffed.apply(x, self.weight, self.bias, self.stride[0])
        return y


class ZeroStuffed(torch.autograd.Function):
    """The convolution, and its gradient as a convolution of stride 1."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, stride: int) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.sides, ctx.stride = x.shape[-2:], stride
        return F.conv2d(x, weight, bias, stride, groups=len(weight))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        (gradient,) = gradients
        (weight,) = ctx.saved_tensors
        batch, channels = gradient.shape[:2]
        kernel = weight.shape[-1]
        sides = [side - kernel + 1 for side in ctx.sides]  # places that a window may start at
        stuffed = gradient.new_zeros(batch, *sides, channels).permute(0, 3, 1, 2)
        stuffed[..., :: ctx.stride, :: ctx.stride] = gradient
        turned = weight.flip(2, 3).to(gradient.dtype)
        return F.conv2d(stuffed, turned, padding=kernel - 1, groups=channels), None, None, None
