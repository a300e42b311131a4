"""Pictures of more than 8 bits a value, rounded to 8 where Pillow would cut them.

16 bits become round(v / 257). Integers of 32 bits and floats say nothing of their range: they are
taken by what they hold, [0, 1] (floats alone), [0, 255] or [0, 65535], and refused where that is
none of these or would be a guess.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

Pixels = NDArray[np.uint8]
Values = NDArray[np.float32]

FULL = 65535.0
SAMPLES_16 = ";16"  # in what Pillow calls the layout of a file's values
OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
LAYOUTS = ("RGB", "RGBA", "RGBX", "RGBa", "CMYK", "LA")
PHOTOMETRIC, MIN_IS_WHITE = 262, 0  # tags of TIFF and their values
PLANAR, PLANES = 284, 2
BITS_PER_SAMPLE = 258
OVERSHOOT = 0.05  # of [0, 1], by which filters that sharpen leave it
BRIGHT = 32  # floats in [0, 255] that stay below might be of any range


def read_rgb(image: Image.Image, again: Callable[[], Image.Image]) -> Pixels | None:
    """(H, W, 3) of an opened picture, in its own orientation but for TIFF's; None if it has no
    more than 8 bits.

    again: opens the file anew. Raises `ValueError` where the range cannot be told.
    """
    if image.mode.startswith("I") or image.mode == "F":
        return grey_rgb(image)
    layouts = {layout_of(tile) for tile in getattr(image, "tile", ())}
    layout = layouts.pop() if len(layouts) == 1 else ""
    name, samples_16, order = layout.partition(SAMPLES_16)
    refuse_wrong_decoders(image)
    if not samples_16 or name not in LAYOUTS:
        return None
    if name == "LA":  # of PNG alone, where Pillow has no way to the grey's second byte
        layered = as_layout(image, "RGBA")
        high, low = layered[..., ::2], layered[..., 1::2]
    else:
        name = "RGBA" if name == "RGBa" else name
        high = as_layout(image, f"{name};16{order}")
        with again() as second:
            low = as_layout(second, f"{name};16{OTHER_ORDER[order]}")
    values = (high.astype(np.float32) * 256 + low) / FULL
    key = image.info.get("transparency")
    if isinstance(key, tuple):
        clear = (np.round(values * FULL) == np.asarray(key)).all(-1, keepdims=True)
        values = np.concatenate([values, np.where(clear, np.float32(0), np.float32(1))], -1)
    return over_white(values, layout.partition(SAMPLES_16)[0])


def over_white(values: Values, layout: str) -> Pixels:
    """(H, W, 3) of values (H, W, C) in [0, 1]."""
    channels = values.shape[-1]
    colours, rest = (values[..., :1], values[..., 1:]) if channels < 3 else (
        values[..., :3], values[..., 3:]
    )  # fmt: skip
    if layout == "CMYK":
        colours = (1 - colours) * (1 - rest)
    elif layout == "RGBa":  # multiplied with its opacity already
        colours = colours + (1 - rest)
    elif rest.size and layout != "RGBX":
        colours = colours * rest + (1 - rest)
    pixels = np.clip(np.round(colours * 255), 0, 255).astype(np.uint8)
    return np.array(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))


def grey_rgb(image: Image.Image) -> Pixels:
    """(H, W, 3) of a picture of one channel."""
    bits, is_inverse, key = bits_of(image), is_min_white(image), image.info.get("transparency")
    stored = np.asarray(image)
    if image.mode.startswith("I;16"):
        values = stored.astype(np.float32) / (2.0**bits - 1)
    else:
        values = in_unit_range(stored)
    if is_inverse:
        values = 1 - values
    clear = stored == key if isinstance(key, int) else np.zeros(stored.shape, np.bool_)
    return over_white(np.where(clear, np.float32(1), values)[..., None], "L")


def in_unit_range(stored: NDArray[Any]) -> Values:
    """The values in [0, 1], by the range that they are in. Raises `ValueError` if it is none."""
    low, high = float(stored.min()), float(stored.max())
    is_whole = stored.dtype.kind in "iub" or bool((stored == np.round(stored)).all())
    if not np.isfinite([low, high]).all():
        raise ValueError("some of its values are no numbers")
    if stored.dtype.kind == "f" and low >= -OVERSHOOT and high <= 1 + OVERSHOOT:
        return np.asarray(np.clip(stored, 0, 1), np.float32)
    if low >= 0 and high <= 255 and (is_whole or high >= BRIGHT):
        return np.asarray(stored / 255, np.float32)
    if low >= 0 and high <= FULL and is_whole:
        return np.asarray(stored / FULL, np.float32)
    raise ValueError(
        f"its values go from {low:g} to {high:g}, expected [0, 1], [0, 255] or [0, 65535]"
    )


def as_layout(image: Image.Image, layout: str) -> Pixels:
    """(H, W, C): the picture decoded as if its file had that layout."""
    assert isinstance(image, ImageFile.ImageFile)
    image.tile = [tile._replace(args=with_layout(tile.args, layout)) for tile in image.tile]
    return np.asarray(image)


def with_layout(args: Any, layout: str) -> Any:
    """What a decoder is told, with another layout."""
    return layout if isinstance(args, str) else (layout, *args[1:])


def layout_of(tile: Any) -> str:
    """How the values of a part lie in the file, as Pillow calls it; empty if it does not say."""
    found = tile.args if isinstance(tile.args, str) else (tile.args or ("",))[0]
    return found if isinstance(found, str) else ""


def refuse_wrong_decoders(image: Image.Image) -> None:
    """Raise `ValueError` for the two kinds of files whose pixels Pillow gets wrong."""
    if image.format == "TIFF" and is_planar_16(image):
        raise ValueError("16 bits in planes of their own; save it as PNG, or with one plane")
    if image.format == "JPEG2000":
        assert isinstance(image, ImageFile.ImageFile)
        if max(jpeg2000_bits(image), default=0) > 8:
            raise ValueError("JPEG 2000 in colour of more than 8 bits; convert it to PNG or TIFF")


def is_planar_16(image: Image.Image) -> bool:
    """A TIFF with each channel apart, which `bench.pictures.deep_tiff` reads: Pillow takes
    uncompressed ones for 8 bits, of others it has no way to the second byte."""
    tags = getattr(image, "tag_v2", {})
    return tags.get(PLANAR) == PLANES and max(tags.get(BITS_PER_SAMPLE, (8,))) > 8


def jpeg2000_bits(image: ImageFile.ImageFile) -> Sequence[int]:
    """The bits of each channel, from the code stream's header (ISO 15444-1, A.5.1)."""
    assert image.fp is not None
    place = image.fp.tell()
    image.fp.seek(0)
    head = image.fp.read(1 << 16)
    image.fp.seek(place)
    start = head.find(b"\xff\x4f\xff\x51")
    if start < 0:
        return []
    channels = int.from_bytes(head[start + 40 : start + 42])
    return [(bits & 0x7F) + 1 for bits in head[start + 42 : start + 42 + 3 * channels : 3]]


def bits_of(image: Image.Image) -> int:
    """How many bits a grey picture's values have: 16, but 12 in some TIFFs."""
    found = getattr(image, "tag_v2", {}).get(BITS_PER_SAMPLE, (16,))
    return int(max(found)) if image.format == "TIFF" else 16


def is_min_white(image: Image.Image) -> bool:
    """Whether a TIFF counts from white to black, which Pillow heeds for 8 bits alone."""
    return getattr(image, "tag_v2", {}).get(PHOTOMETRIC) == MIN_IS_WHITE
