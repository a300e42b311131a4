"""Differentiable augmentation (Zhao et al. 2020, arXiv 2006.10738): colour and translation.

The same random distribution changes real and generated images before the discriminator, which
so cannot memorise a few thousand photographs; gradients pass through to the generator.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

MAX_SHIFT = 1 / 8


def augment(images: Tensor) -> Tensor:
    """(N, 3, H, W) with brightness, saturation, contrast and place changed, each at random."""
    return translate(jitter_colour(images))


def jitter_colour(images: Tensor) -> Tensor:
    """Brightness by up to 0.5 of 2, saturation by 0 to 2 times, contrast by 0.5 to 1.5 times."""
    brightness, saturation, contrast = torch.rand(3, len(images), 1, 1, 1, device=images.device)
    x = images + (brightness - 0.5)
    grey = x.mean(1, keepdim=True)
    x = (x - grey) * (saturation * 2) + grey
    mean = x.mean((1, 2, 3), keepdim=True)
    contrasted: Tensor = (x - mean) * (contrast + 0.5) + mean
    return contrasted


def translate(images: Tensor) -> Tensor:
    """Each image shifted by up to an eighth of its side, zeros (grey) moving in."""
    n, _, height, width = images.shape
    reach_y, reach_x = round(height * MAX_SHIFT), round(width * MAX_SHIFT)
    dy = torch.randint(0, 2 * reach_y + 1, (n,)).tolist()
    dx = torch.randint(0, 2 * reach_x + 1, (n,)).tolist()
    padded = F.pad(images, (reach_x, reach_x, reach_y, reach_y))
    return torch.stack(
        [
            padded[i, :, y : y + height, x : x + width]
            for i, (y, x) in enumerate(zip(dy, dx, strict=True))
        ]
    )
