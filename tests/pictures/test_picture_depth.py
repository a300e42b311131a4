"""Pictures of more than 8 bits a value: the right level, or words that say why there is none."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from bench.pictures.files import Unreadable, read_rgb, size_of
from tests.conftest import picture

RNG = np.random.default_rng(0)
DEEP = RNG.integers(0, 65536, (20, 30, 4), dtype=np.uint16)
DEEP[0, 0], DEEP[0, 1] = 65535, 0
COLOURS, GREY, OPACITY = DEEP[..., :3], DEEP[..., 0], DEEP[..., 3:]
LEVELS = RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8)
LEVELS[0, 0], LEVELS[0, 1] = 255, 0


def rounded(values: np.ndarray) -> np.ndarray:
    """16 bits to 8."""
    return np.round(values / 257.0).astype(np.uint8)


def over_white(colours: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """16 bits with opacity to 8."""
    c, a = colours / 65535.0, opacity / 65535.0
    return np.round((c * a + 1 - a) * 255).astype(np.uint8)


def spread(grey: np.ndarray) -> np.ndarray:
    """Grey to RGB."""
    return np.repeat(grey[..., None], 3, -1)


def png16(colour_type: int, values: np.ndarray, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of 16 bits, which Pillow does not write in colour."""
    height, width = values.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    parts = ((b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def key_of(values: np.ndarray) -> tuple[bytes, bytes]:
    """That the value of one pixel is the clear one."""
    return b"tRNS", values[3, 4].astype(np.uint16).reshape(-1).astype(">u2").tobytes()


def cleared(levels: np.ndarray) -> np.ndarray:
    """With that pixel white."""
    levels[3, 4] = 255
    return levels


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (png16(0, GREY), spread(rounded(GREY))),
        (png16(2, COLOURS), rounded(COLOURS)),
        (png16(4, DEEP[..., ::3]), spread(over_white(GREY, DEEP[..., 3]))),
        (png16(6, DEEP), over_white(COLOURS, OPACITY)),
        (png16(2, COLOURS, key_of(COLOURS)), cleared(rounded(COLOURS))),
        (png16(0, GREY, key_of(GREY)), cleared(spread(rounded(GREY)))),
    ],
    ids=["grey", "RGB", "grey with opacity", "RGBA", "RGB with a clear colour", "clear grey"],
)
def test_pngs_of_16_bits_are_rounded(data: bytes, expected: np.ndarray, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(data)
    assert (read_rgb(tmp_path / "a.png") == expected).all()


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("kind", ["rgb", "unassalpha", "assocalpha", "unspecified"])
def test_tiffs_of_16_bits_are_rounded(
    byteorder: str, compression: str | None, planes: str, kind: str, tmp_path: Path
) -> None:
    values = COLOURS if kind == "rgb" else DEEP.copy()
    if kind == "assocalpha":
        values[..., :3] = np.minimum(values[..., :3], OPACITY)
        c, a = values[..., :3] / 65535.0, OPACITY / 65535.0
        expected = np.round((c + 1 - a) * 255).astype(np.uint8)
    else:
        expected = over_white(COLOURS, OPACITY) if kind == "unassalpha" else rounded(COLOURS)
    tifffile.imwrite(
        tmp_path / "a.tif", np.moveaxis(values, -1, 0).copy() if planes == "separate" else values,
        photometric="rgb", planarconfig=planes, compression=compression, byteorder=byteorder,
        extrasamples=None if kind == "rgb" else [kind],
    )  # fmt: skip
    assert (read_rgb(tmp_path / "a.tif") == expected).all()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i2", "i4", "u4", "i8", "u8"])
def test_floats_and_integers_are_taken_by_their_range(
    dtype: str, channels: int, tmp_path: Path
) -> None:
    levels = LEVELS if channels == 3 else LEVELS[..., 0]
    expected = levels if channels == 3 else spread(levels)
    kind = "rgb" if channels == 3 else "minisblack"
    tifffile.imwrite(tmp_path / "a.tif", levels.astype(dtype), photometric=kind)
    assert (read_rgb(tmp_path / "a.tif") == expected).all()
    assert size_of(tmp_path / "a.tif") == (20, 30)
    if dtype.startswith("f"):
        tifffile.imwrite(tmp_path / "b.tif", (levels / 255).astype(dtype), photometric=kind)
        assert (read_rgb(tmp_path / "b.tif") == expected).all()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (LEVELS[..., 0] / 85.0, "from 0 to 3, expected"),
        (LEVELS[..., 0] / 127.5 - 1, "from -1 to 1, expected"),
        (np.where(LEVELS[..., 0] > 99, np.nan, 0.5), "no numbers"),
        (LEVELS[..., 0] / 255.0 * 1e6, "to 1e+06, expected"),
    ],
)
def test_a_range_that_would_be_a_guess_is_refused(
    values: np.ndarray, told: str, tmp_path: Path
) -> None:
    tifffile.imwrite(tmp_path / "a.tif", values.astype(np.float32), photometric="minisblack")
    with pytest.raises(Unreadable) as caught:
        read_rgb(tmp_path / "a.tif")
    assert told in caught.value.reason


def test_other_layouts(tmp_path: Path) -> None:
    inverse = tmp_path / "inverse.tif"
    tifffile.imwrite(inverse, GREY, photometric="miniswhite")
    assert (read_rgb(inverse) == spread(rounded(65535 - GREY.astype(int)))).all()
    both = tmp_path / "both.tif"
    tifffile.imwrite(
        both, DEEP[..., ::3], photometric="minisblack", planarconfig="contig",
        extrasamples=["unassalpha"],
    )  # fmt: skip
    assert (read_rgb(both) == spread(over_white(GREY, DEEP[..., 3]))).all()


@pytest.mark.parametrize("lie", range(1, 9))
def test_every_reader_turns_a_picture_alike(lie: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = lie
    Image.fromarray(LEVELS).save(tmp_path / "png.png", exif=exif)
    Image.fromarray(LEVELS).save(tmp_path / "eight.tif", tiffinfo={274: lie})
    tag = {"photometric": "rgb", "extratags": [(274, "H", 1, lie, True)]}
    sixteen = LEVELS.astype(np.uint16) * 257
    tifffile.imwrite(tmp_path / "sixteen.tif", sixteen, **tag)
    tifffile.imwrite(tmp_path / "packed.tif", sixteen, compression="zlib", **tag)
    tifffile.imwrite(tmp_path / "floats.tif", (LEVELS / 255).astype(np.float32), **tag)
    found = [read_rgb(path) for path in sorted(tmp_path.iterdir())]
    turned = {1: LEVELS, 3: LEVELS[::-1, ::-1], 6: np.rot90(LEVELS, -1), 8: np.rot90(LEVELS)}
    for pixels, path in zip(found, sorted(tmp_path.iterdir()), strict=True):
        assert (pixels == turned.get(lie, found[0])).all()
        assert size_of(path) == pixels.shape[:2] == ((20, 30) if lie < 5 else (30, 20))


def test_jpeg_2000_of_16_bits_in_colour_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "eight.jp2"
    Image.fromarray(picture(0)).save(whole, irreversible=False)
    assert (read_rgb(whole) == picture(0)).all()
    # Pillow gives 0 for white where the header says 16 bits.
    data = whole.read_bytes()
    start = data.index(b"\xff\x4f\xff\x51") + 42
    (tmp_path / "a.jp2").write_bytes(data[:start] + b"\x0f\1\1" * 3 + data[start + 9 :])
    with pytest.raises(Unreadable, match="more than 8 bits"):
        read_rgb(tmp_path / "a.jp2")
