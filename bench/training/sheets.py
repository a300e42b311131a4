"""Contact sheets."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from bench.pictures.files import Pixels


def tile(images: Tensor, columns: int | None = None) -> Pixels:
    """(N, 3, S, S) in [-1, 1] as one uint8 picture, row by row; a square of them by default.

    N must fill the rows.
    """
    columns = columns or math.isqrt(len(images))
    bytes_ = ((images.float().clamp(-1, 1) + 1) * 127.5).round().byte().cpu()
    rows = torch.unflatten(bytes_, 0, (-1, columns))  # (rows, columns, 3, S, S)
    rows = rows.permute(0, 3, 1, 4, 2)
    pixels: Pixels = rows.reshape(rows.shape[0] * rows.shape[1], -1, 3).numpy()
    return pixels
