"""The resize that SinGAN's code uses everywhere: of pictures cut down to 8 bits, not MATLAB's.

Every call first takes a picture to 8 bits, which truncates: in float32 the round trip alone takes
one level off each of the levels 1 to 63. What comes out is not rounded again.
Source: `imresize` of tamarott/SinGAN.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from bench.operators.kernels import keys_cubic, reflect_with_edge, scatter

SUPPORT = 4  # of Keys' cubic, in pixels


def to_levels(x: Tensor) -> Tensor:
    """Pictures in [-1, 1] as uint8: clamped and truncated, in float32."""
    return (255 * ((x.float() + 1) / 2).clamp(0, 1)).to(torch.uint8)


def from_levels(levels: Tensor) -> Tensor:
    """Pictures in [-1, 1], clamped, float32; levels: 0 to 255, whole or not."""
    return (((levels / 255).float() - 0.5) * 2).clamp(-1, 1)


def resize(x: Tensor, scale: float) -> Tensor:
    """Pictures (..., H, W) in [-1, 1], cut down to 8 bits, `scale` times as large, clamped.

    Sides become ceil(side * scale). The pictures stay aligned at the top left and are stretched by
    `scale` exactly: the last row and column may show less than a pixel of them.
    """
    levels = to_levels(x)
    if scale == 1:
        return from_levels(levels)
    where = "cpu" if x.device.type == "mps" else x.device  # MPS has no float64
    rows, columns = (weights(side, scale).to(where) for side in x.shape[-2:])
    return from_levels(rows @ levels.to(where).double() @ columns.T).to(x.device)


@lru_cache(maxsize=256)
def weights(inputs: int, scale: float) -> Tensor:
    """The (ceil(inputs * scale), inputs) float64 matrix of one axis.

    Keys' cubic, stretched when shrinking. Its taps mirror the picture beyond the right and bottom
    border, edge pixel included; beyond the left and top one they count for nothing, and the others
    for more. (Their negative positions overflow an unsigned type in the published code.)
    """
    stretch = min(scale, 1.0)
    support = SUPPORT / stretch
    centre = (np.arange(math.ceil(inputs * scale)) + 0.5) / scale - 0.5
    first = np.floor(centre - support / 2).astype(np.int64)
    taps = first[:, None] + np.arange(math.ceil(support) + 2)
    found = np.where(taps < 0, 0.0, keys_cubic(stretch * (centre[:, None] - taps)))
    found /= found.sum(1, keepdims=True)
    return torch.from_numpy(scatter(found, reflect_with_edge(taps, inputs), inputs))
