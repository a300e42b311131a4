"""What follows a modulated convolution in a search: one function with its gradient.

Demodulation, noise, bias and activation are five passes over the features, and as many back. Here
the way back needs the output alone: the activation keeps signs, and its derivative times its input
is its output.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

SLOPE = 0.2
GAIN = math.sqrt(2)


class StyledActivation(Function):
    """`leaky_relu(x * scale + noise + bias) * sqrt(2)` of x (N, C, H, W); scale (N, C, 1, 1) above
    0, noise (N or 1, 1, H, W), and bias (C, 1, 1), which has no gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, noise: Tensor, bias: Tensor) -> Tensor:
        out = F.leaky_relu_((x * scale).add_(noise).add_(bias), SLOPE).mul_(GAIN)
        ctx.save_for_backward(out, scale, noise, bias)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor | None, None]:
        out, scale, noise, bias = ctx.saved_tensors
        within = torch.ops.aten.leaky_relu_backward(gradient, out, SLOPE, True).mul_(GAIN)
        of_sum = (gradient * out).sum((2, 3), keepdim=True)  # of `within` times what is activated
        of_noise = (within * noise).sum((2, 3), keepdim=True)
        of_bias = within.sum((2, 3), keepdim=True) * bias
        of_scale = (of_sum - of_noise - of_bias) / scale
        of_map = None
        if ctx.needs_input_grad[2]:
            of_map = within.sum(1, keepdim=True).sum_to_size(noise.shape)
        return within.mul_(scale), of_scale, of_map, None
