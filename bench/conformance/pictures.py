"""Pictures to try things on: a face, for metrics that look for one, and ways to spoil it."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter
from skimage import data
from torch import Tensor

from bench.metrics.base import Sample
from bench.operators import Downsample, quantise
from bench.pictures.files import Pixels
from bench.pictures.tensors import to_tensor

BLURS = (0.5, 1.0, 2.0, 4.0)  # deviation in pixels
NOISES = (0.01, 0.03, 0.1, 0.3)  # deviation, of values in [0, 1]


@cache
def face() -> Pixels:
    """(128, 128, 3): the astronaut that scikit-image ships, cropped as face data sets are."""
    return np.ascontiguousarray(data.astronaut()[10:138, 160:288])  # type: ignore[no-untyped-call]


def truths(height: int = 128, width: int = 128) -> Tensor:
    """(3, 3, height, width), of 8 bits: the face, its mirror image, and the face in less light."""
    scaled = Image.fromarray(face()).resize((width, height), Image.Resampling.BICUBIC)
    picture = to_tensor(np.array(scaled))
    return quantise(torch.cat([picture, picture.flip(-1), picture * 0.7]))


def sample(restored: Tensor, truth: Tensor, factor: int = 8) -> Sample:
    """The restored pictures, rounded to 8 bits, beside the truth and its input."""
    operator = Downsample(factor)
    return Sample(quantise(restored), truth, operator.observe(truth), operator)


def blurred(images: Tensor, sigma: float) -> Tensor:
    """A Gaussian blur of `sigma` pixels."""
    return torch.from_numpy(gaussian_filter(images.numpy(), (0, 0, sigma, sigma)))


def noisy(images: Tensor, deviation: float) -> Tensor:
    """Noise, the same pattern for each deviation."""
    generator = torch.Generator().manual_seed(0)
    return images + deviation * torch.randn(images.shape, generator=generator)


def unseen_by(factor: int, truth: Tensor) -> Tensor:
    """Another 8-bit picture that `Downsample(factor)` takes to the same y.

    truth: (1, 3, H, W), its values from 4/255 to 251/255; W and `factor` are multiples of 4. Added
    are columns +, -, -, + of 4 levels. They make a whole number of waves on each pixel of y, at
    which the transform of the cubic kernel is 0, and are symmetric about the borders, where
    pictures are mirrored.
    """
    assert factor % 4 == 0
    columns = torch.tensor([4.0, -4.0, -4.0, 4.0]).repeat(truth.shape[-1] // 4) / 255
    return quantise(truth + columns)
