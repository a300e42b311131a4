"""Pictures as tensors and as 8-bit arrays, and the hash of one."""

from __future__ import annotations

import hashlib
from typing import TypeVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from bench.core.errors import BenchError
from bench.pictures.files import Pixels

AnyPicture = TypeVar("AnyPicture", Tensor, Pixels, Image.Image)  # what a user may have of one


def to_tensor(pixels: np.ndarray) -> Tensor:
    """uint8 (H, W, 3) to float (1, 3, H, W) in [0, 1]."""
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255


def as_tensor(picture: AnyPicture) -> Tensor:
    """(N, 3, H, W) in [0, 1] of what a user has of a picture.

    A tensor (3, H, W) or (N, 3, H, W) of floats in [0, 1], an array (H, W, 3) or (N, H, W, 3) of
    uint8, or a Pillow picture of any mode. Raises `BenchError` on anything else.
    """
    if isinstance(picture, Image.Image):
        return to_tensor(np.array(picture.convert("RGB")))
    if isinstance(picture, np.ndarray):
        if picture.dtype != np.uint8 or picture.ndim not in (3, 4) or picture.shape[-1] != 3:
            raise BenchError(
                f"an array of {picture.dtype} and shape {picture.shape}, expected uint8 and "
                "(H, W, 3) or (N, H, W, 3)"
            )
        each = picture if picture.ndim == 4 else picture[None]
        return torch.from_numpy(np.ascontiguousarray(each)).permute(0, 3, 1, 2).float() / 255
    if not isinstance(picture, Tensor):
        raise BenchError(
            f"a picture is a tensor, an array of uint8 or a Pillow picture, not {picture!r:.60}"
        )
    if picture.ndim not in (3, 4) or picture.shape[-3] != 3 or not picture.is_floating_point():
        raise BenchError(
            f"a tensor of {picture.dtype} and shape {tuple(picture.shape)}, expected floats and "
            "(3, H, W) or (N, 3, H, W)"
        )
    whole = (picture if picture.ndim == 4 else picture[None]).detach().float().cpu()
    if not bool(((whole >= 0) & (whole <= 1)).all()):
        low, high = float(whole.min()), float(whole.max())
        raise BenchError(f"values from {low:g} to {high:g}, expected those of [0, 1]")
    return whole


def like(picture: AnyPicture, images: Tensor) -> AnyPicture:
    """Pictures (N, 3, H, W) in [0, 1] as what `picture` is: tensor, array or Pillow picture."""
    if isinstance(picture, Image.Image):
        found: object = Image.fromarray(to_pixels(images))
    elif isinstance(picture, np.ndarray):
        each = np.stack([to_pixels(image[None]) for image in images])
        found = each if picture.ndim == 4 else each[0]
    else:
        found = images if picture.ndim == 4 else images[0]
    return found  # type: ignore[return-value]  # of the kind that `picture` is


def to_pixels(image: Tensor) -> np.ndarray:
    """(1, 3, H, W) in [0, 1] to uint8 (H, W, 3)."""
    return (image[0] * 255).round().byte().permute(1, 2, 0).cpu().numpy()


def pixels_digest(image: Tensor) -> str:
    """Hash of a picture's 8-bit values, 16 hexadecimal digits."""
    return hashlib.sha256(to_pixels(image).tobytes()).hexdigest()[:16]
