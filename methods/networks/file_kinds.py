"""What a file of weights is, told by how it begins. Nothing is opened, and torch is not imported."""

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


ZIP = b"PK\x03\x04"
# Protocol 2 and a pickled magic number.
LEGACY = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
PICKLE = b"\x80"
WEB_PAGES = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body", b"<!--")
IR_VERSION = 8  # the tag of the first field of an ONNX graph; its value is a small number


def kind_of(start: bytes) -> FileKind:
    """The kind of a file that begins with these bytes; `LOOK` of them are enough."""
    if not start:
        return FileKind.EMPTY
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(WEB_PAGES):
        return FileKind.WEB_PAGE
    if start[8:9] == b"{":
        return FileKind.SAFETENSORS
    if start.startswith(ZIP):
        return FileKind.TORCH
    if start.startswith(LEGACY):
        return FileKind.LEGACY
    if start.startswith(PICKLE):
        return FileKind.PICKLE
    if start[0] == IR_VERSION and start[1:2] and start[1] < 32:
        return FileKind.ONNX
    return FileKind.UNKNOWN
