"""What a file of weights is, told by how it begins; nothing is opened, nor torch imported."""

from __future__ import annotations

from enum import StrEnum

LOOK = 4096  # bytes that suffice to tell


class FileKind(StrEnum):
    """Formats that files of weights come in, and what comes in their place."""

    SAFETENSORS = "a safetensors file"
    TORCH = "a zipped file of torch"
    LEGACY = "a file of torch from before 1.6"
    PICKLE = "a Python pickle"
    ONNX = "an ONNX graph"
    WEB_PAGE = "a web page"
    EMPTY = "empty"
    UNKNOWN = "of no format that is known here"


WEB_PAGES = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body", b"<!--")
STARTS = (
    (b"PK\x03\x04", FileKind.TORCH),
    # Protocol 2 and a pickled magic number.
    (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", FileKind.LEGACY),
    (b"\x80", FileKind.PICKLE),
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
    return next((kind for magic, kind in STARTS if start.startswith(magic)), FileKind.UNKNOWN)
