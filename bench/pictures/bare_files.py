"""Picture files without their metadata: a broken profile or comment must not cost the pixels.

Pillow refuses a PNG whose colour profile unpacks to more than a megabyte, or whose comment has a
wrong checksum. Such a file is read from a copy that holds only what decides its pixels, and how
they lie.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

MOST_BYTES = 2**31  # a larger file is no picture that could be held in memory
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
# Without acTL an animated PNG shows its first picture, which is the one that is read anyway.
PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
# APP0 and APP14 tell the colours, APP1 the orientation. What is not named here is metadata.
APP1 = 0xE1
JPEG_LEFT_OUT = {*range(0xE2, 0xEE), 0xEF, 0xFE}
START_OF_SCAN, END = 0xDA, 0xD9
WEBP_KEPT = {b"VP8X", b"ALPH", b"VP8 ", b"VP8L", b"ANIM", b"ANMF"}
# Size, bits, packing, kind of colours, place and shape of the parts, channels, palette, opacity,
# format of numbers, tables of JPEG, YCbCr; of how the picture lies only 274 tells.
TIFF_KEPT = {
    *range(256, 260), 262, 266, 273, 274, 277, 278, 279, 284, 292, 293, 317, 320, *range(322, 326),
    338, 339, 347, *range(512, 522), 529, 530, 531, 532,
}  # fmt: skip
ITEM = re.compile(rb"(infe\x02.{7})(?:Exif|mime)", re.DOTALL)  # ISO 14496-12, 8.11.6


def without_metadata(path: Path) -> bytes | None:
    """The bytes of such a copy; None of a format that is not known here."""
    if path.stat().st_size > MOST_BYTES:
        return None
    data = path.read_bytes()
    if data.startswith(PNG):
        bare = PNG + b"".join(png_chunks(data))
    elif data.startswith(JPEG):
        bare = JPEG + b"".join(jpeg_segments(data))
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        chunks = b"WEBP" + b"".join(webp_chunks(data))
        bare = b"RIFF" + len(chunks).to_bytes(4, "little") + chunks
    elif data[4:8] == b"ftyp":  # AVIF: its entries of EXIF and XMP, called what nobody asks for
        bare = ITEM.sub(rb"\1none", data)
    else:
        return bare_tiff(data) if data[:4] in (b"II*\0", b"MM\0*") else None
    return bare


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


def webp_chunks(data: bytes) -> Iterator[bytes]:
    """Those that decide the pixels, as they stand."""
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] in WEBP_KEPT:
            yield data[at : at + 8 + length + length % 2]
        at += 8 + length + length % 2


def bare_tiff(data: bytes) -> bytes | None:
    """The same file with only those tags in its first directory that decide the pixels; None if
    it has no such directory."""
    order: Literal["little", "big"] = "little" if data[:1] == b"I" else "big"
    start = int.from_bytes(data[4:8], order)
    count = int.from_bytes(data[start : start + 2], order)
    end = start + 2 + 12 * count
    if not count or end > len(data):
        return None
    entries = [data[at : at + 12] for at in range(start + 2, end, 12)]
    kept = [entry for entry in entries if int.from_bytes(entry[:2], order) in TIFF_KEPT]
    directory = len(kept).to_bytes(2, order) + b"".join(kept) + bytes(4)  # no further page
    room = end + 4 - start
    return data[:start] + directory.ljust(room, b"\0")[:room] + data[end + 4 :]
