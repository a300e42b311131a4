"""Pictures as tensors and as 8-bit arrays, and the hash of one."""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import Tensor


def to_tensor(pixels: np.ndarray) -> Tensor:
    """uint8 (H, W, 3) to float (1, 3, H, W) in [0, 1]."""
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255


def to_pixels(image: Tensor) -> np.ndarray:
    """(1, 3, H, W) in [0, 1] to uint8 (H, W, 3)."""
    return (image[0] * 255).round().byte().permute(1, 2, 0).cpu().numpy()


def digest_of(image: Tensor) -> str:
    """Hash of a picture's 8-bit values, 16 hexadecimal digits."""
    return hashlib.sha256(to_pixels(image).tobytes()).hexdigest()[:16]
