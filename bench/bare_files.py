"""Picture files without their metadata: a broken profile or comment must not cost the pixels.

Pillow refuses a PNG whose colour profile unpacks to more than a megabyte, or whose comment has a
wrong checksum. Such a file is read from a copy that holds only what decides its pixels, and how
they lie.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

MOST_BYTES = 2**31  # a larger file is no picture that could be held in memory
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
# Without acTL an animated PNG shows its first picture, which is the one that is read anyway.
PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
# APP0 and APP14 tell the colours, APP1 the orientation. What is not named here is metadata.
APP1 = 0xE1
JPEG_LEFT_OUT = {*range(0xE2, 0xEE), 0xEF, 0xFE}
START_OF_SCAN, END = 0xDA, 0xD9


def without_metadata(path: Path) -> bytes | None:
    """The bytes of such a copy; None of a format that is not known here."""
    if path.stat().st_size > MOST_BYTES:
        return None
    data = path.read_bytes()
    if data.startswith(PNG):
        return PNG + b"".join(png_chunks(data))
    if data.startswith(JPEG):
        return JPEG + b"".join(jpeg_segments(data))
    return None


def png_chunks(data: bytes) -> Iterator[bytes]:
    """Those that decide the pixels, as they stand; and EXIF, if it is whole."""
    at = len(PNG)
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        chunk = data[at : at + 12 + length]
        is_whole_exif = kind == b"eXIf" and zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:])
        if kind in PNG_KEPT or is_whole_exif:
            yield chunk
        at += 12 + length


def jpeg_segments(data: bytes) -> Iterator[bytes]:
    """Those before the first scan that are no metadata, then the rest of the file as it stands."""
    at, exif = len(JPEG), b""
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] not in (START_OF_SCAN, END):
        segment = data[at : at + 2 + int.from_bytes(data[at + 2 : at + 4])]
        is_exif = segment[1] == APP1 and segment[4:10] == b"Exif\0\0" and not exif
        if is_exif:
            exif = segment
        if is_exif or segment[1] not in (APP1, *JPEG_LEFT_OUT):
            yield segment
        at += max(len(segment), 2)
    yield data[at:]
