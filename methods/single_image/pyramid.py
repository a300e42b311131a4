"""SinGAN's plan in super-resolution mode: by how much it enlarges, and the scales it trains on.

Source: `calc_init_scale`, `adjust_scales2image_SR` and `creat_reals_pyramid` of tamarott/SinGAN.
Whether a whole number of scales fits hangs on the rounding of logarithms: they are taken in its
order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from methods.single_image.resizing import resize

Size = tuple[int, int]  # height and width, in pixels

STEPS_PER_DOUBLING = 3
WIDEST = 128  # channels


@dataclass(frozen=True)
class Enlargement:
    """A factor as several equal steps: each a resize and the finest generator."""

    steps: int
    step: float  # 1.26 for every power of two

    @classmethod
    def by(cls, factor: int) -> Enlargement:
        """Of a factor from 2 on."""
        steps = round(math.log(1 / factor, 0.5 ** (1 / STEPS_PER_DOUBLING)))
        return cls(steps, factor ** (1 / steps))

    def resized(self, picture: Tensor) -> Tensor:
        """A picture (1, 3, H, W) in [-1, 1], without what the generator would add."""
        for _ in range(self.steps):
            picture = resize(picture, self.step)
        return picture


@dataclass(frozen=True)
class Pyramid:
    """The scales of a picture, the coarsest first."""

    reduction: float  # of the picture itself, before all else; 1 where it is not too large
    ratio: float  # of a scale's sides to those of the next; above 1 in an inverted pyramid
    sizes: tuple[Size, ...]

    @classmethod
    def of(cls, size: Size, step: float, smallest: int = 18, largest: int = 250) -> Pyramid | None:
        """The pyramid of a picture of `size`; None where the published plan has no scales.

        smallest: the short side of the coarsest scale. largest: the long side of the finest.
        """
        _, steps = scale_counts(size, step, smallest, largest)
        if steps < 1:
            return None
        reduction = min(largest / max(size), 1)
        finest = enlarged(size, reduction)
        ratio = (smallest / min(finest)) ** (1 / steps)
        scales = [ratio ** (steps - index) for index in range(steps + 1)]
        return cls(reduction, ratio, tuple(enlarged(finest, scale) for scale in scales))

    @property
    def is_inverted(self) -> bool:
        """Whether the coarsest scale is the largest, as that of a picture below `smallest` is."""
        return self.ratio > 1

    def pictures(self, picture: Tensor) -> list[Tensor]:
        """Of (1, 3, H, W) in [-1, 1], a picture for each scale; also the finest is cut down to
        8 bits twice."""
        finest, last = resize(picture, self.reduction), len(self.sizes) - 1
        return [resize(finest, self.ratio ** (last - index)) for index in range(last + 1)]

    def widths(self, narrowest: int = 32) -> list[int]:
        """Channels of the networks of each scale."""
        return [min(narrowest * 2 ** (scale // 4), WIDEST) for scale in range(len(self.sizes))]


def scale_counts(size: Size, step: float, smallest: int, largest: int) -> tuple[int, int]:
    """The number of reductions from the picture to the coarsest scale, as the published code counts
    it, and as it then corrects it; no whole pyramid has fewer than one.

    The correction takes the batch size for the height: portraits, which are higher than wide, get
    further scales.
    """
    shrinking = 1 / step
    count = int(math.log(smallest / min(size), shrinking)) + 1
    surplus = int(math.log(min(largest, max(size)) / size[1], shrinking))
    return count, count - surplus


def enlarged(size: Size, scale: float) -> Size:
    """The size of a picture after `resize`."""
    return math.ceil(size[0] * scale), math.ceil(size[1] * scale)
