"""Resampling along one axis as a weight matrix: y = M @ x.

Every kernel here is linear and separable, so that one matrix an axis is its exact and
differentiable form, borders included, and gradients come for free.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from bench.core.errors import UnknownName

Matrix = NDArray[np.float64]


def keys_cubic(x: Matrix) -> Matrix:
    """Keys' cubic convolution kernel, a = -0.5 (Keys 1981, eq. 15)."""
    x = np.abs(x)
    inner = (1.5 * x - 2.5) * x**2 + 1
    outer = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x <= 1, inner, np.where(x <= 2, outer, 0.0))


def lanczos3(x: Matrix) -> Matrix:
    """Sinc windowed by a sinc of three lobes."""
    return np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0.0)


def matlab(kernel: Callable[[Matrix], Matrix], width: int, inputs: int, outputs: int) -> Matrix:
    """(outputs, inputs) weights of MATLAB's `imresize` with antialiasing.

    The kernel is stretched when shrinking; centres of pixels are aligned, weights normalised,
    and the picture is reflected at its border, edge pixel included.
    """
    scale = outputs / inputs
    stretch = min(scale, 1.0)
    support = width / stretch
    centre = (np.arange(outputs) + 0.5) / scale - 0.5
    first = np.floor(centre - support / 2).astype(np.int64)
    taps = first[:, None] + np.arange(math.ceil(support) + 2)
    weights = stretch * kernel(stretch * (centre[:, None] - taps))
    weights /= weights.sum(1, keepdims=True)
    return scatter(weights, reflect_with_edge(taps, inputs), inputs)


def pulse_bicubic(inputs: int, outputs: int) -> Matrix:
    """PULSE's own downscaling: 4f cubic taps, the picture reflected without its edge pixel.

    Source: `BicubicDownSample` of adamian98/pulse; integer factors only.
    """
    factor = whole_factor("pulse-bicubic", inputs, outputs)
    taps = keys_cubic((np.arange(4 * factor) - 2 * factor + 0.5) / factor)
    weights = np.broadcast_to(taps / taps.sum(), (outputs, 4 * factor))
    pad = (4 * factor - factor) // 2
    index = np.arange(outputs)[:, None] * factor + np.arange(4 * factor) - pad
    return scatter(weights, reflect_without_edge(index, inputs), inputs)


def area(inputs: int, outputs: int) -> Matrix:
    """The mean of each block of pixels; integer factors only."""
    factor = whole_factor("area", inputs, outputs)
    return np.repeat(np.eye(outputs), factor, axis=1) / factor


def torch_antialiased(inputs: int, outputs: int) -> Matrix:
    """`F.interpolate(mode="bicubic", antialias=True)`, read off its response to unit impulses.

    Differs from MATLAB within two pixels of the border, where torch cuts the kernel off.
    """
    impulses = torch.eye(inputs, dtype=torch.float64)[None, None]
    response = F.interpolate(impulses, (outputs, inputs), mode="bicubic", antialias=True)
    return response[0, 0].numpy()


def scatter(weights: Matrix, index: NDArray[np.int64], inputs: int) -> Matrix:
    """Rows of taps at their pixels; taps that fall on the same pixel add up."""
    matrix = np.zeros((len(weights), inputs))
    np.add.at(matrix, (np.arange(len(weights))[:, None], index), weights)
    return matrix


def reflect_with_edge(index: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """... 1 0 | 0 1 2 | 2 1 ..."""
    index = np.mod(index, 2 * size)
    return np.minimum(index, 2 * size - 1 - index)


def reflect_without_edge(index: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """... 2 1 | 0 1 2 | 1 0 ..."""
    if size == 1:
        return np.zeros_like(index)
    index = np.mod(index, 2 * size - 2)
    return np.minimum(index, 2 * size - 2 - index)


def whole_factor(kernel: str, inputs: int, outputs: int) -> int:
    """The integer factor from `inputs` down to `outputs`, which `kernel` needs."""
    if inputs % outputs:
        raise ValueError(f"{kernel} shrinks by whole factors only: {inputs} to {outputs} is none")
    return inputs // outputs


KERNELS: dict[str, Callable[[int, int], Matrix]] = {
    "matlab-bicubic": lambda i, o: matlab(keys_cubic, 4, i, o),
    "matlab-lanczos3": lambda i, o: matlab(lanczos3, 6, i, o),
    "pulse-bicubic": pulse_bicubic,
    "torch-aa": torch_antialiased,
    "area": area,
}


@lru_cache(maxsize=64)
def weights(kernel: str, inputs: int, outputs: int) -> Tensor:
    """The (outputs, inputs) float32 matrix of a named kernel."""
    if kernel not in KERNELS:
        raise UnknownName("kernel", kernel, KERNELS)
    return torch.from_numpy(KERNELS[kernel](inputs, outputs)).float()


def resize(x: Tensor, size: tuple[int, int], kernel: str = "matlab-bicubic") -> Tensor:
    """Pictures (..., H, W) resampled to `size` (height, width) in float32; differentiable.

    Float32 whatever the input: in bfloat16 the weights alone would cost three digits.
    """
    rows = weights(kernel, x.shape[-2], size[0]).to(x.device)
    columns = weights(kernel, x.shape[-1], size[1]).to(x.device)
    with torch.autocast(x.device.type, enabled=False):
        return rows @ x.float() @ columns.T
