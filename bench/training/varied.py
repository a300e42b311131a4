"""Pictures as readers see them: small, and varied in nothing that is a factor."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from methods.networks.reader import seen

PART = 256  # pictures at a time


def small(images: Tensor) -> Tensor:
    """uint8 (N, 3, S, S) in [0, 1] at the size that is looked at, in float16 for the memory."""
    parts = torch.split(images, PART)
    return torch.cat([seen(part.float() / 255).half() for part in parts])


def varied(images: Tensor, shift: int, noise: float) -> Tensor:
    """The batch shifted by up to so many pixels, edges repeated, with noise of a random amount."""
    side = images.shape[-1]
    padded = F.pad(images, (shift,) * 4, mode="replicate")
    places = torch.randint(0, 2 * shift + 1, (len(images), 2)).tolist()
    shifted = [
        image[:, y : y + side, x : x + side] for image, (y, x) in zip(padded, places, strict=True)
    ]
    amounts = noise * torch.rand(len(images), 1, 1, 1)
    return torch.stack(shifted) + amounts * torch.randn(images.shape)
