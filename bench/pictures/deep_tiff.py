"""TIFFs that Pillow does not take: floats in colour or of 64 bits, planes, grey with opacity.

tifffile comes with scikit-image. Without the package imagecodecs it knows the commoner ways of
packing only, which is why Pillow goes first.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.pictures.deep_pixels import in_unit_range, over_white

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
ORIENTATION = 274
MIN_IS_WHITE, MIN_IS_BLACK, RGB, PLANES, MULTIPLIED = 0, 1, 2, 2, 1


def read_rgb(path: Path, most_pixels: int) -> NDArray[np.uint8] | None:
    """(H, W, 3) of the first page, upright; None if it is no grey or RGB picture.

    Raises `ValueError` and whatever tifffile raises.
    """
    page = first_page(path)
    if page is None or page.imagewidth * page.imagelength > most_pixels:
        return None
    values = page.asarray()
    if page.samplesperpixel == 1:
        values = values.reshape(page.imagelength, page.imagewidth, 1)
    elif page.planarconfig == PLANES:
        values = np.moveaxis(values, 0, -1)
    unit = in_range(values, page.bitspersample)
    if page.photometric == MIN_IS_WHITE:
        unit[..., :1] = 1 - unit[..., :1]
    colours = 3 if page.photometric == RGB else 1
    extra = [int(kind) for kind in page.extrasamples]
    has_opacity = bool(extra) and extra[0] in (1, 2)
    layout = "RGBa" if extra[:1] == [MULTIPLIED] else "RGBA"
    return turned(over_white(unit[..., : colours + has_opacity], layout), lie_of(page))


def size_of(path: Path) -> tuple[int, int] | None:
    """(height, width) of the first page as seen; None if it is no grey or RGB picture."""
    page = first_page(path)
    if page is None:
        return None
    size = page.imagelength, page.imagewidth
    return size if lie_of(page) < 5 else size[::-1]


def first_page(path: Path) -> Any:
    """The page, with its file closed until it is read; None of other files."""
    with path.open("rb") as file:
        if file.read(4) not in SIGNATURES:
            return None
    import tifffile  # noqa: PLC0415 - for few pictures only

    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # of metadata, mostly
    with tifffile.TiffFile(path) as tiff:
        page: Any = tiff.pages[0]
    known = page.photometric in (MIN_IS_WHITE, MIN_IS_BLACK, RGB)
    return page if known and page.imagedepth == 1 else None


def in_range(values: NDArray[Any], bits: int) -> NDArray[np.float32]:
    """The values in [0, 1]; unsigned ones of up to 16 bits have the range of their bits."""
    if values.dtype.kind in "bu" and bits <= 16:
        return (values / np.float32(2**bits - 1)).astype(np.float32)
    return in_unit_range(values)


def lie_of(page: Any) -> int:
    """How the picture lies, 1 to 8; 1, upright, if that is not told."""
    tag = page.tags.get(ORIENTATION)
    return int(tag.value) if tag is not None and tag.value in range(1, 9) else 1


def turned(pixels: NDArray[np.uint8], lie: int) -> NDArray[np.uint8]:
    """The pixels upright."""
    if lie >= 5:
        pixels = pixels.transpose(1, 0, 2)
        lie = {5: 1, 6: 2, 7: 3, 8: 4}[lie]
    flips: dict[int, tuple[int, ...]] = {1: (), 2: (1,), 3: (0, 1), 4: (0,)}
    return np.ascontiguousarray(np.flip(pixels, flips[lie]))
