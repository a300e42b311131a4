"""Which files are pictures by their names, what reads them, and which files no reader may open."""

from __future__ import annotations

import importlib.util
import stat
from functools import cache
from pathlib import Path

from PIL import Image

from bench.core.errors import BenchError, printable

HEIF = "HEIF"
FORMATS = {  # by ending, as Pillow calls them; what a file is its first bytes say
    ".apng": "PNG", ".avif": "AVIF", ".bmp": "BMP", ".dib": "DIB", ".gif": "GIF",
    ".heic": HEIF, ".heif": HEIF, ".hif": HEIF, ".j2k": "JPEG2000", ".jfif": "JPEG",
    ".jp2": "JPEG2000", ".jpe": "JPEG", ".jpeg": "JPEG", ".jpg": "JPEG", ".png": "PNG",
    ".tif": "TIFF", ".tiff": "TIFF", ".webp": "WEBP",
}  # fmt: skip
HEIF_PACKAGE, HEIF_INSTALL = "pillow_heif", "pip install 'sr-prior-bench[heic]'"
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


class Unreadable(BenchError):
    """A file that gives no picture; `reason` says why without naming it."""

    def __init__(self, path: Path, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{printable(path)}: {reason}")


class LacksPackage(Unreadable):
    """A file that a package, which is not installed, could read."""


def is_picture(path: Path) -> bool:
    """By its name alone: visible, and with a picture's ending."""
    return not path.name.startswith(".") and path.suffix.lower() in FORMATS


def refuse_odd_file(path: Path) -> None:
    """Raise `Unreadable` for what is no file with something in it: to open a pipe would wait for
    ever, and a device has no end."""
    try:
        found = path.stat()
    except OSError as error:
        raise Unreadable(path, odd(path, error)) from None
    if stat.S_ISDIR(found.st_mode):
        raise Unreadable(path, "a folder, not a file")
    if not stat.S_ISREG(found.st_mode):
        raise Unreadable(path, "a pipe, socket or device, not a file")
    if found.st_size == 0:
        raise Unreadable(path, "the file is empty")


def odd(path: Path, error: OSError) -> str:
    """Why there is nothing to open."""
    if path.is_symlink() and isinstance(error, FileNotFoundError):
        return f"a broken link: there is no {printable(path.readlink())}"
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return f"cannot be read: {error.strerror}"


def readable_formats() -> list[str]:
    """Pillow's names of those formats that can be read here."""
    return [name for name in {**dict.fromkeys(FORMATS.values()), "MPO": None} if name in known()]


@cache
def known() -> set[str]:
    """What this Pillow reads, HEIF included if the package for it is installed."""
    Image.init()
    if importlib.util.find_spec(HEIF_PACKAGE):
        import pillow_heif  # noqa: PLC0415 - an extra, and slow to import

        pillow_heif.register_heif_opener()
    return set(Image.OPEN)


def lacking_for(path: Path) -> str:
    """What would read the file, with the command that installs it; empty if nothing is lacking."""
    if HEIF in known() or not is_heif(path):
        return ""
    return f"HEIC and HEIF need the package pillow-heif: `{HEIF_INSTALL}`"


def is_heif(path: Path) -> bool:
    """By its first bytes: telephones call such files .jpg too."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        return False
    return head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS


def lossy_format(path: Path) -> str:
    """Such as `JPEG`, of a file that may not hold the pixels that it was made of; else empty.

    By its first bytes. Raises `OSError` if it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(2**16)
    if head.startswith(b"\xff\xd8"):
        return "JPEG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "" if b"VP8L" in head else "lossy WebP"
    if head[4:8] == b"ftyp":
        return "AVIF" if head[8:12] in (b"avif", b"avis") else "HEIC"
    return ""
