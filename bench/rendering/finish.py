"""Traced light to a picture: grain of few samples smoothed, tones rolled off, 8 bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage.restoration import denoise_bilateral

from bench.rendering.arrays import Array
from bench.rendering.colour import to_srgb

GRAIN = 0.045  # differences in sRGB taken for grain of sampling
REACH = 1.0  # pixels
SHOULDER = 0.75  # linear light from which highlights are rolled off


def finished(light: Array) -> NDArray[np.uint8]:
    """(H, W, 3) of 8 bits from linear light, which may exceed 1."""
    over = np.maximum(light - SHOULDER, 0)
    rolled = np.minimum(light, SHOULDER) + (1 - SHOULDER) * (1 - np.exp(-over / (1 - SHOULDER)))
    # Outside the frame counts as its edge: as black, which is the default, it darkens a border.
    picture = denoise_bilateral(
        to_srgb(rolled),
        win_size=5,
        sigma_color=2 * GRAIN,
        sigma_spatial=REACH,
        mode="edge",
        channel_axis=-1,
    )
    rounded: NDArray[np.uint8] = np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return rounded
