"""Reading and writing pictures: 8-bit RGB in, whatever the file holds; lossless out."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from bench.core.files import write_atomically
from bench.pictures import bare_files, deep_pixels, deep_tiff, kinds
from bench.pictures.kinds import LacksPackage, Unreadable, refuse_odd_file

Pixels = NDArray[np.uint8]
Source = Path | bytes
T = TypeVar("T")

SUFFIXES = frozenset(kinds.FORMATS)
# Larger pictures are refused unread: a small file can claim to unpack to terabytes.
MOST_PIXELS = 178_956_970
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = (5, 6, 7, 8)


def read_rgb(path: Path) -> Pixels:
    """(H, W, 3) of any picture file, upright; of several frames the first.

    EXIF orientation is applied, transparency laid over white, grey and palette pictures spread
    to RGB, more bits rounded to 8 (`bench.pictures.deep_pixels` says how); colour profiles
    are ignored, as the published sets ignore them. Raises `Unreadable`, with the file and the
    cause, if it cannot be decoded whole; no metadata is such a cause.
    """
    return attempt(path, upright_rgb, lambda: deep_tiff.read_rgb(path, MOST_PIXELS))


def size_of(path: Path) -> tuple[int, int]:
    """(height, width) of the upright picture, from the file's header alone. Raises `Unreadable`."""
    return attempt(
        path, lambda source: upright_size(opened(source)), lambda: deep_tiff.size_of(path)
    )


def write_png(path: Path, pixels: Pixels, *, is_synced: bool = True) -> None:
    """Write uint8 (H, W, 3) losslessly, whole or not at all. Raises `DiskError`."""
    write_atomically(path, partial(save_png, pixels), is_synced=is_synced)


def save_png(pixels: Pixels, path: Path) -> None:
    """Write uint8 (H, W, 3) into a file of any name. Raises `OSError`."""
    Image.fromarray(pixels).save(path, "PNG", compress_level=1)


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


def attempt(path: Path, read: Callable[[Source], T], otherwise: Callable[[], T | None]) -> T:
    """What `read` makes of the file; if that fails, of a copy without its metadata; and if that
    fails too, what `otherwise` makes of a TIFF."""
    refuse_odd_file(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of metadata, mostly; what matters raises
        try:
            return read(path)
        except Unreadable:
            raise
        # Decoders raise whatever a broken file makes them stumble over.
        except Exception as error:
            cause = error
        ways: tuple[Callable[[], T | None], ...] = (lambda: of_bare(path, read), otherwise)
        for way in ways:
            try:
                if (found := way()) is not None:
                    return found
            except Unreadable:
                raise
            except Image.DecompressionBombError as error:
                cause = error
            except Exception:  # noqa: S112 - the first failure says what is wrong
                continue
    raise unreadable(path, cause) from cause


def of_bare(path: Path, read: Callable[[Source], T]) -> T | None:
    """What `read` makes of the file without its metadata; None if it has none to leave out."""
    data = bare_files.without_metadata(path)
    return None if data is None else read(data)


def opened(source: Source) -> Image.Image:
    """The file, its header read and its size found bearable."""
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    # Only formats of pictures: for PostScript, say, Pillow would start another program.
    image = Image.open(file, formats=kinds.readable_formats())
    width, height = image.size
    if width * height > MOST_PIXELS:
        image.close()
        raise Image.DecompressionBombError(f"{width}x{height} pixels")
    return image


def upright_rgb(source: Source) -> Pixels:
    """(H, W, 3) of the file."""
    with opened(source) as image:
        pixels = deep_pixels.read_rgb(image, lambda: opened(source))
        if pixels is None:
            pixels = np.array(to_rgb(image))
        turn = orientation(image)  # asked last: of some PNGs it decodes the whole file
    return pixels if turn == 1 else np.array(Image.fromarray(pixels).transpose(TURNS[turn]))


def upright_size(image: Image.Image) -> tuple[int, int]:
    """(height, width) as seen; closes the file."""
    with image:
        width, height = image.size
        return (width, height) if orientation(image) in SIDEWAYS else (height, width)


def orientation(image: Image.Image) -> int:
    """How the picture lies, 1 to 8 as EXIF has it; 1, upright, if that cannot be read."""
    if image.format == "TIFF":
        return 1  # Pillow turns these itself
    try:
        found = image.getexif().get(ORIENTATION)
    except Exception:
        return 1
    return found if isinstance(found, int) and found in TURNS else 1


def to_rgb(image: Image.Image) -> Image.Image:
    """The picture in 8-bit RGB."""
    if image.mode == "La":  # premultiplied, which Pillow converts to nothing else
        image = image.convert("LA")
    if image.mode in ("RGBA", "RGBa", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


def unreadable(path: Path, error: Exception) -> Unreadable:
    """The error of a file that is no whole picture."""
    if isinstance(error, Image.DecompressionBombError):
        return Unreadable(path, f"more pixels than a picture should have ({error})")
    if package := kinds.lacking_for(path):
        return LacksPackage(path, package)
    if isinstance(error, OSError) and error.errno is not None:
        return Unreadable(path, f"cannot be read: {error.strerror}")
    if isinstance(error, UnidentifiedImageError):
        return Unreadable(path, "not a whole picture that can be read (of no kind known here)")
    text = str(error).replace(str(path), "the file").replace(repr(str(path)), "the file")
    return Unreadable(path, f"not a whole picture that can be read ({text})")
