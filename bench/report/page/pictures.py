"""The pictures of the page: within it while they fit, else beside it in `images/`."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from urllib.parse import quote

from PIL import Image

from bench.report.pictures.examples import Example

MOST_BYTES = 24_000_000  # of pictures in the page, as base64; mail and browsers bear that


@dataclass
class Album:
    """Addresses of pictures, by file: data URIs first, relative links when the page is full."""

    page: Path  # the folder that the page lies in
    left: int  # bytes that the page may still take
    uris: dict[Path, str] = field(default_factory=dict)
    images_within: int = 0
    images_beside: int = 0

    def add(self, example: Example) -> None:
        """Take an image with all its pictures, or none of them, into the page."""
        files = [example.input, example.truth, *example.restored.values()]
        new = [file for file in dict.fromkeys(files) if file not in self.uris]
        data = {file: data_uri(file) for file in new} if self.left > 0 else {}
        size = sum(map(len, data.values()))
        if self.left > 0 and size <= self.left:
            self.left -= size
            self.images_within += 1
            self.uris |= data
        else:
            self.left = 0  # an image that happens to be small must not jump the queue
            self.images_beside += 1
            self.uris |= {file: link(file, self.page) for file in new}


def fill(album: Album, tables: Iterable[Sequence[Example]]) -> None:
    """Take the first image of every table, then the second of every table, and so on."""
    for rank in zip_longest(*tables):
        for example in rank:
            if example is not None:
                album.add(example)


def data_uri(file: Path) -> str:
    """The picture, pixel for pixel, as a URI that needs no file.

    Lossless WebP takes two thirds of the bytes of PNG.
    """
    with Image.open(file) as picture:
        data = io.BytesIO()
        picture.convert("RGB").save(data, "WEBP", lossless=True, method=1, quality=20)
    return f"data:image/webp;base64,{base64.b64encode(data.getvalue()).decode()}"


def link(file: Path, page: Path) -> str:
    """The file as an address relative to the page's folder."""
    relative = os.path.relpath(file, page)
    return quote(Path(relative).as_posix().encode(errors="surrogateescape"))
