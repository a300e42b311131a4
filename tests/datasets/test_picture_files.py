"""Files of pictures: metadata never costs the pixels, and no file starts a program or never ends."""

from __future__ import annotations

import importlib.util
import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from bench.core.errors import printable
from bench.pictures import kinds
from bench.pictures.files import SUFFIXES, Unreadable, read_rgb, size_of
from bench.pictures.kinds import LacksPackage
from tests.conftest import picture


def saved(kind: str, **options: object) -> bytes:
    """A picture in a file of that kind."""
    data = io.BytesIO()
    Image.fromarray(picture(0)).save(data, kind, **options)
    return data.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunk(inserted: bytes) -> bytes:
    """A PNG with a chunk behind its header, where there was none."""
    data = saved("PNG")
    return data[:33] + inserted + data[33:]


LARGE_PROFILE = b"p\0\0" + zlib.compress(bytes(3_000_000))
WRONG_CHECKSUM = chunk(b"tEXt", b"k\0hello")[:-4] + b"\0\0\0\0"


def of_riff(kind: bytes, size: int) -> bytes:
    """A lossless WebP whose chunk of metadata states that size."""
    data = bytearray(saved("WEBP", lossless=True, exif=b"Exif\0\0" + bytes(40)))
    at = data.index(kind)
    data[at + 4 : at + 8] = struct.pack("<I", size)
    return bytes(data)


def of_tiff(tag: int, kind: int) -> bytes:
    """A packed TIFF one of whose tags claims to be of another type and of a billion values."""
    data = bytearray(saved("TIFF", compression="tiff_lzw", tiffinfo={270: "hello", 282: 72.0}))
    (start,) = struct.unpack("<I", data[4:8])
    for at in range(
        start + 2, start + 2 + 12 * int.from_bytes(data[start : start + 2], "little"), 12
    ):
        if int.from_bytes(data[at : at + 2], "little") == tag:
            data[at + 2 : at + 8] = struct.pack("<HI", kind, 2**30)
            return bytes(data)
    raise AssertionError(tag)


@pytest.mark.parametrize(
    "data",
    [
        with_chunk(chunk(b"iCCP", LARGE_PROFILE)),
        with_chunk(chunk(b"zTXt", LARGE_PROFILE)),
        with_chunk(chunk(b"iTXt", b"k\0\1\0\0\0" + zlib.compress(bytes(3_000_000)))),
        with_chunk(WRONG_CHECKSUM),
        with_chunk(chunk(b"eXIf", b"no EXIF at all")),
        with_chunk(chunk(b"gAMA", b"")),
        with_chunk(chunk(b"acTL", b"\0")),
        of_riff(b"EXIF", 2**31),
        of_tiff(270, 12),
        of_tiff(282, 5),
    ],
    ids=["profile", "text", "international text", "checksum", "EXIF", "gamma", "frames",
         "WebP's EXIF", "TIFF's description", "TIFF's resolution"],
)  # fmt: skip
def test_metadata_does_not_decide_whether_pixels_are_read(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data)
    assert (read_rgb(path) == picture(0)).all()
    assert size_of(path) == (64, 64)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "PNG"])
@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff",
                                  b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\5\0\0\0\1\0\0\0\0"])  # fmt: skip
def test_broken_exif_means_upright(kind: str, exif: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(saved(kind))
    plain = read_rgb(path)
    try:
        path.write_bytes(saved(kind, exif=exif))
    except (ValueError, TypeError, SyntaxError, struct.error):
        pytest.skip("Pillow does not write that")
    assert (read_rgb(path) == plain).all()


def test_an_avif_is_read_whose_exif_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "a.avif"
    exif = Image.Exif()
    exif[270] = "hello"
    path.write_bytes(data := saved("AVIF", exif=exif))
    plain, header = read_rgb(path), exif.tobytes()[6:10]
    assert header in data
    path.write_bytes(data.replace(header, b"oops"))
    assert (read_rgb(path) == plain).all()


def test_orientation_survives_a_broken_profile(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved("PNG", exif=exif)
    path = tmp_path / "a.png"
    path.write_bytes(data[:33] + chunk(b"iCCP", LARGE_PROFILE) + data[33:])
    assert (read_rgb(path) == np.rot90(picture(0), -1)).all()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
def test_a_file_that_is_cut_stays_unreadable(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(saved(kind)[:700])
    with pytest.raises(Unreadable, match="not a whole picture"):
        read_rgb(path)


def test_bombs_are_refused_unread(tmp_path: Path) -> None:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"iCCP", LARGE_PROFILE)
    (tmp_path / "a.png").write_bytes(data + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
    for read in (read_rgb, size_of):
        with pytest.raises(Unreadable, match="more pixels than a picture should have"):
            read(tmp_path / "a.png")


def test_no_file_starts_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called = tmp_path / "called"
    for name in ("gs", "gswin32c"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\ntouch {called}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    (tmp_path / "a.png").write_bytes(saved("EPS"))
    with pytest.raises(Unreadable, match="of no kind known here"):
        read_rgb(tmp_path / "a.png")
    assert not called.exists()


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "link.png").symlink_to(tmp_path / "gone.png")
    (tmp_path / "device.png").symlink_to("/dev/zero")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    told = {}
    for name in ("pipe", "folder", "link", "device", "empty", "loop", "nothing"):
        with pytest.raises(Unreadable) as caught:
            read_rgb(tmp_path / f"{name}.png")
        told[name] = caught.value.reason
        assert str(caught.value).count(str(tmp_path / f"{name}.png")) == 1
    assert told["pipe"] == told["device"] == "a pipe, socket or device, not a file"
    assert told["folder"] == "a folder, not a file"
    assert told["link"] == f"a broken link: there is no {tmp_path / 'gone.png'}"
    assert told["empty"] == "the file is empty"
    assert told["nothing"] == "there is no such file"
    assert told["loop"].startswith("cannot be read")


@pytest.mark.parametrize(
    ("suffix", "options"),
    [("avif", {"quality": 100}), ("bmp", {}), ("gif", {}), ("jfif", {"format": "JPEG"}),
     ("jp2", {}), ("tif", {}), ("webp", {"lossless": True}), ("jpeg", {"quality": 95})],
)  # fmt: skip
def test_every_kind_is_read(suffix: str, options: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(picture(0)).save(path, **options)
    assert f".{suffix}" in SUFFIXES
    assert np.abs(read_rgb(path).astype(int) - picture(0)).mean() < 10
    assert size_of(path) == (64, 64)


def test_heic_is_read_or_its_package_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    telephone = tmp_path / "a.jpg"  # they call it that too
    telephone.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    if importlib.util.find_spec(kinds.HEIF_PACKAGE):
        assert kinds.HEIF in kinds.readable_formats()
        with pytest.raises(Unreadable, match="not a whole picture"):
            read_rgb(telephone)
        Image.fromarray(picture(0)).save(tmp_path / "b.heic", quality=95)
        assert np.abs(read_rgb(tmp_path / "b.heic").astype(int) - picture(0)).mean() < 8
    else:
        with pytest.raises(LacksPackage, match=r"pip install 'sr-prior-bench\[heic\]'"):
            read_rgb(telephone)


def test_premultiplied_grey(tmp_path: Path) -> None:
    grey, opacity = picture(1)[..., 0], picture(2)[..., 0]
    grey = np.minimum(grey, opacity)
    tifffile.imwrite(
        tmp_path / "a.tif", np.stack((grey, opacity), -1), photometric="minisblack",
        planarconfig="contig", extrasamples=["assocalpha"],
    )  # fmt: skip
    expected = (grey + (255 - opacity.astype(int)))[..., None]
    assert np.abs(read_rgb(tmp_path / "a.tif") - expected).max() <= 2


def test_what_cannot_be_printed_is_escaped() -> None:
    text = printable("caf\udce9 \x1b[31m\nü\u202f\ud800")
    assert text == "caf\\xe9 \\x1b[31m\\nü\u202f\\ud800"
    text.encode()
