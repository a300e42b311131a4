"""The scales that are trained: what they make of noise, and how the finest one enlarges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from methods.networks.singan import SinGANGenerator
from methods.single_image.draws import Draws
from methods.single_image.pyramid import Enlargement, Size
from methods.single_image.resizing import resize


@dataclass(frozen=True)
class TrainedScale:
    """A generator and what it adds noise with."""

    generator: SinGANGenerator
    amplitude: Tensor  # of the noise, a scalar
    fixed_noise: Tensor  # (1, 3, H, W), with which the scales reconstruct the picture

    @property
    def size(self) -> Size:
        """Of its pictures."""
        height, width = self.fixed_noise.shape[-2:]
        return height, width


@dataclass(frozen=True)
class LowerScales:
    """The scales below one, from the coarsest, in evaluation mode; none below the coarsest."""

    scales: tuple[TrainedScale, ...]
    ratio: float  # of a scale's sides to those of the next
    size: Size  # of the scale above them

    def drawn(self, draws: Draws) -> Tensor:
        """A picture of random noise at the size of the scale above: (1, 3, H, W)."""
        noises = [draws.noise(s.size, is_first=not i) for i, s in enumerate(self.scales)]
        return self.picture(noises, draws.device)

    def reconstruction(self, device: torch.device) -> Tensor:
        """The picture itself, as well as they have learnt it: (1, 3, H, W)."""
        return self.picture([scale.fixed_noise for scale in self.scales], device)

    @torch.no_grad()
    def picture(self, noises: Sequence[Tensor], device: torch.device) -> Tensor:
        """Zeros, refined by each scale and resized to the next."""
        sizes = [*(scale.size for scale in self.scales), self.size]
        picture = torch.zeros(1, 3, *sizes[0], device=device)
        for scale, noise, (height, width) in zip(self.scales, noises, sizes[1:], strict=True):
            refined = scale.generator(scale.amplitude * noise, picture)
            picture = resize(refined, 1 / self.ratio)[..., :height, :width]
        return picture


@torch.no_grad()
def enlarge(picture: Tensor, finest: TrainedScale, by: Enlargement, draws: Draws) -> Tensor:
    """A picture (1, 3, H, W) in [-1, 1], resized and refined by the finest generator step by step.

    Sides are rounded up at each step; what is more than factor * side shows no more of the picture.
    """
    for index in range(by.steps):
        picture = resize(picture, by.step)
        height, width = picture.shape[-2:]
        noise = draws.noise((height, width), is_first=not index)
        picture = finest.generator(finest.amplitude * noise, picture)
    return picture
