"""Reading and writing pictures: 8-bit RGB in, whatever the file holds; lossless out."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from bench.core.errors import BenchError
from bench.core.files import write_atomically

Pixels = NDArray[np.uint8]
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
# Larger pictures are refused unread: a small file can claim to unpack to terabytes.
MOST_PIXELS = 178_956_970


def read_rgb(path: Path) -> Pixels:
    """(H, W, 3) of any picture file, upright.

    EXIF orientation is applied, transparency laid over white, grey and palette pictures spread
    to RGB, 16 bits scaled to 8; colour profiles are ignored, as the published sets ignore them.
    Raises `BenchError`, naming the file and the cause, if it cannot be decoded whole.
    """
    try:
        with opened(path) as image:
            upright = ImageOps.exif_transpose(image)
            return np.array(to_rgb(upright))
    except BenchError:
        raise
    # Decoders raise whatever a broken file makes them stumble over.
    except Exception as error:
        raise unreadable(path, error) from error


def size_of(path: Path) -> tuple[int, int]:
    """(height, width) of the upright picture, from the file's header alone."""
    try:
        with opened(path) as image:
            width, height = image.size
            sideways = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    except BenchError:
        raise
    except Exception as error:
        raise unreadable(path, error) from error
    return (width, height) if sideways else (height, width)


def write_png(path: Path, pixels: Pixels) -> None:
    """Write uint8 (H, W, 3) losslessly, whole or not at all. Raises `DiskError`."""
    image = Image.fromarray(pixels)
    write_atomically(path, lambda temporary: image.save(temporary, "PNG", compress_level=1))


def write_lossless(path: Path, pixels: Pixels) -> None:
    """Write uint8 (H, W, 3) as the WebP or PNG that the name asks for, as small as they get.

    Raises `DiskError`.
    """
    image = Image.fromarray(pixels)

    def write(temporary: Path) -> None:
        if path.suffix == ".webp":
            image.save(temporary, "WEBP", lossless=True, quality=100, method=6)
        else:
            image.save(temporary, "PNG", optimize=True)

    write_atomically(path, write)


def opened(path: Path) -> Image.Image:
    """The file, its header read and its size found bearable."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        image = Image.open(path)
    width, height = image.size
    if width * height > MOST_PIXELS:
        image.close()
        raise BenchError(f"{path}: {width}x{height} pixels are more than a picture should have")
    return image


def to_rgb(image: Image.Image) -> Image.Image:
    """The picture in 8-bit RGB."""
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image, dtype=np.float64)
        grey = Image.fromarray(np.clip(np.round(values / 257), 0, 255).astype(np.uint8))
        return grey.convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


def unreadable(path: Path, error: Exception) -> BenchError:
    """The error of a file that is no whole picture."""
    if not path.exists():
        return BenchError(f"{path}: there is no such file")
    if path.stat().st_size == 0:
        return BenchError(f"{path}: the file is empty")
    text = str(error).replace(str(path), "the file").replace(repr(str(path)), "the file")
    return BenchError(f"{path}: not a whole picture that can be read ({text})")
