"""The losses of SRNTT (Zhang et al. 2019, section 3.4), as ZZUTK/SRNTT computes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Maps = Mapping[str, Tensor]


def reconstruction_loss(restored: Tensor, truth: Tensor) -> Tensor:
    """Mean absolute difference of pictures."""
    return F.l1_loss(restored, truth)


def perceptual_loss(restored: Tensor, truth: Tensor) -> Tensor:
    """Mean squared difference of the features (N, C, h, w) of two batches, of one layer."""
    return F.mse_loss(restored, truth)


def texture_loss(
    restored: Maps, swapped: Maps, layers: Sequence[str], similarity: Tensor | None = None
) -> Tensor:
    """How far the textures of restored pictures are from those that were swapped in.

    restored, swapped: maps (N, C, h, w) by layer. The mean squared difference of their Gram
    matrices is divided by 4 (h w C)^2, and averaged over `layers`.
    similarity: (N, h, w) of the coarsest map, the cosine of each match, by which the maps are
    weighted; the published code does so only where it is told to, and by what falls with it.
    """
    terms = []
    for layer in layers:
        one, other = restored[layer], swapped[layer]
        if similarity is not None:
            weight = torch.sigmoid(-20 * enlarged(similarity[:, None], one.shape[-1]) + 0.65)
            one, other = one * weight, other * weight
        numbers = one[0].numel()
        terms.append(F.mse_loss(gram(one), gram(other)) / (4 * numbers**2))
    return torch.stack(terms).mean()


def gram(features: Tensor) -> Tensor:
    """(N, C, C): how much each pair of channels (N, C, h, w) is active together."""
    flat = features.flatten(2)
    return flat @ flat.transpose(1, 2)


def enlarged(maps: Tensor, side: int) -> Tensor:
    """Square maps (N, 1, h, h) as TensorFlow's first bicubic enlarges them to `side` pixels: by
    corners, not by the centres of pixels, and with a kernel of -0.75."""
    places = torch.arange(side, device=maps.device) * (maps.shape[-1] / side)
    places = 2 * places / (maps.shape[-1] - 1) - 1
    grid = torch.stack(torch.meshgrid(places, places, indexing="xy"), -1)
    grid = grid[None].expand(len(maps), -1, -1, -1)
    return F.grid_sample(maps, grid, "bicubic", "border", align_corners=True)


def adversarial_loss(discriminator: nn.Module, restored: Tensor) -> Tensor:
    """The generator's: the mean verdict on its pictures, negative."""
    verdict: Tensor = discriminator(restored).mean()
    return -verdict


def discriminator_loss(
    discriminator: nn.Module, truth: Tensor, restored: Tensor, mixing: Tensor, penalty: float = 10
) -> Tensor:
    """The discriminator's: Wasserstein distance and gradient penalty (Gulrajani et al. 2017)."""
    apart = discriminator(restored).mean() - discriminator(truth).mean()
    loss: Tensor = apart + penalty * gradient_penalty(discriminator, truth, restored, mixing)
    return loss


def gradient_penalty(
    discriminator: nn.Module, real: Tensor, fake: Tensor, mixing: Tensor
) -> Tensor:
    """Mean squared distance from 1 of the gradient's norm, on mixtures of both pictures.

    mixing: (N, 1, 1, 1), the share of the real picture. The published code takes the norm over the
    three channels of each pixel, not over the picture.
    """
    mixed = (fake + mixing * (real - fake)).detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(discriminator(mixed).sum(), mixed, create_graph=True)
    return (gradient.square().sum(1).sqrt() - 1).square().mean()
