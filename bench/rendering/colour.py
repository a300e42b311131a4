"""Colours: sRGB in [0, 1] to the linear light that is traced, and back."""

from __future__ import annotations

import colorsys

import numpy as np
from numpy.typing import ArrayLike

from bench.rendering.arrays import Array, array

Rgb = tuple[float, float, float]


def to_linear(srgb: ArrayLike) -> Array:
    """Linear light of sRGB values in [0, 1] (IEC 61966-2-1)."""
    value = array(srgb)
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)


def to_srgb(linear: ArrayLike) -> Array:
    """sRGB values of linear light, clipped to [0, 1]."""
    value = np.clip(array(linear), 0, 1)
    srgb = np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)
    return srgb.astype(np.float32)


def hsv(hue: float, saturation: float, value: float) -> Rgb:
    """sRGB of hue (1 is a full turn), saturation and value."""
    return colorsys.hsv_to_rgb(hue % 1, saturation, value)


def mix(first: ArrayLike, second: ArrayLike, share: ArrayLike) -> Array:
    """From `first` (share 0) to `second` (share 1): colours (..., 3), shares (...)."""
    weight = array(share)[..., None]
    return array(first) * (1 - weight) + array(second) * weight
