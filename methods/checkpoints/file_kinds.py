"""What a file of weights is, told by how it begins; nothing is opened, nor torch imported."""

from __future__ import annotations

import re
from enum import StrEnum

LOOK = 4096  # bytes that suffice to tell


class FileKind(StrEnum):
    """Formats that files of weights come in, and what comes in their place."""

    SAFETENSORS = "a safetensors file"
    TORCH = "a zipped file of torch"
    LEGACY = "a file of torch from before 1.6"
    PICKLE = "a Python pickle"
    ONNX = "an ONNX graph"
    NUMPY = "a single array of NumPy"
    HDF5 = "an HDF5 file, as Keras writes them"
    GGUF = "a GGUF file"
    LFS_POINTER = "a Git LFS pointer"
    ANNEX_POINTER = "a git-annex pointer"
    WEB_PAGE = "a web page"
    TAR = "a tar archive"
    GZIP = "a gzip archive"
    BZIP2 = "a bzip2 archive"
    XZ = "an xz archive"
    ZSTD = "a zstd archive"
    SEVEN_ZIP = "a 7z archive"
    RAR = "a rar archive"
    PICTURE = "a picture"
    EMPTY = "empty"
    UNKNOWN = "of no format that is known here"


# What has to be unpacked before anything can be read.
PACKED = {FileKind.TAR, FileKind.GZIP, FileKind.BZIP2, FileKind.XZ, FileKind.ZSTD}
PACKED |= {FileKind.SEVEN_ZIP, FileKind.RAR}

WEB_PAGES = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body", b"<!--")
# The magic number of torch as the first pickle, of protocol 2 to 5; 4 and 5 put it in a frame.
LEGACY = re.compile(
    rb"\x80[\x02-\x05](\x95[\x00-\xff]{8})?\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19\.", re.DOTALL
)
STARTS = (
    (b"version https://git-lfs.github.com/spec/", FileKind.LFS_POINTER),
    (b"/annex/objects/", FileKind.ANNEX_POINTER),
    (b"PK\x03\x04", FileKind.TORCH),
    (b"\x93NUMPY", FileKind.NUMPY),
    (b"\x89HDF\r\n\x1a\n", FileKind.HDF5),
    (b"GGUF", FileKind.GGUF),
    (b"\x1f\x8b", FileKind.GZIP),
    (b"BZh", FileKind.BZIP2),
    (b"\xfd7zXZ\0", FileKind.XZ),
    (b"\x28\xb5\x2f\xfd", FileKind.ZSTD),
    (b"7z\xbc\xaf\x27\x1c", FileKind.SEVEN_ZIP),
    (b"Rar!\x1a\x07", FileKind.RAR),
    (b"\x89PNG\r\n\x1a\n", FileKind.PICTURE),
    (b"\xff\xd8\xff", FileKind.PICTURE),
    (b"\x80", FileKind.PICKLE),
    (b"\x1f\x8b", FileKind.GZIP),
    # The tag of a graph's first field, its version, which is a small number.
    *((bytes((8, version)), FileKind.ONNX) for version in range(1, 32)),
)


def kind_of(start: bytes) -> FileKind:
    """The kind of a file that begins with these bytes; `LOOK` of them are enough."""
    if not start:
        return FileKind.EMPTY
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(WEB_PAGES):
        return FileKind.WEB_PAGE
    if start[8:9] == b"{":
        return FileKind.SAFETENSORS
    if LEGACY.match(start):
        return FileKind.LEGACY
    if start[257:262] == b"ustar":
        return FileKind.TAR
    return next((kind for magic, kind in STARTS if start.startswith(magic)), FileKind.UNKNOWN)
