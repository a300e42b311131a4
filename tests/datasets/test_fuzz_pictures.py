"""Damaged and hostile pictures and files of factors: words or a picture, no hang, no code run.

Seeded: the same cases each time. `pytest -m slow` runs them.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from bench.cli import app
from bench.core.errors import BenchError
from bench.datasets.factors import MOST_BYTES, Known, Unknown, known_of
from bench.datasets.manifest import names_in_manifest
from bench.datasets.picture_folder import folded, names_of
from bench.pictures.files import SUFFIXES, read_rgb, size_of
from tests.conftest import SUITE, picture
from tests.support.commands import bench, rows

pytestmark = pytest.mark.slow

CASES = settings(
    max_examples=400, deadline=None, database=None, phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
STARTS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork"}
started: list[str] = []


@pytest.fixture(scope="module", autouse=True)
def watched() -> None:
    """What starts a program, from here on, is written down."""
    sys.addaudithook(lambda event, _: started.append(event) if event in STARTS else None)


@cache
def wholes() -> tuple[bytes, ...]:
    """Whole files of every kind, with metadata, and some that are no pictures."""
    exif = Image.Exif()
    exif[0x0112], exif[270] = 6, "hello"
    extras = {"exif": exif, "icc_profile": bytes(range(256)) * 2}
    found = []
    for kind, options in (
        ("PNG", extras), ("JPEG", extras), ("WEBP", extras | {"lossless": True}), ("AVIF", extras),
        ("TIFF", {"compression": "tiff_lzw"}), ("TIFF", {}), ("BMP", {}), ("GIF", {}), ("EPS", {}),
        ("JPEG2000", {}), ("JPEG", {"progressive": True, "comment": b"x" * 99}), ("PPM", {}),
    ):  # fmt: skip
        data = io.BytesIO()
        Image.fromarray(picture(0)).save(data, kind, **options)
        found.append(data.getvalue())
    for values, kind in (
        (picture(0) / 255.0, "rgb"), (picture(0).astype(np.uint16) * 257, "rgb"),
        (picture(0)[..., 0].astype(np.int32), "minisblack"),
    ):  # fmt: skip
        data = io.BytesIO()
        tifffile.imwrite(data, values, photometric=kind, compression="zlib")
        found.append(data.getvalue())
    deep = io.BytesIO()
    Image.fromarray(picture(0)[..., 0].astype(np.uint16) * 257).save(deep, "PNG")
    heif = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99)
    return (*found, deep.getvalue(), heif, b"", b"#!/bin/sh\ntouch called\n", b"\x89PNG\r\n\x1a\n")


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A file with bytes changed, cut out, doubled or put in, most of them near its start."""
    data = bytearray(draw(st.sampled_from(wholes())))
    rng = random.Random(draw(st.integers(0, 2**32)))
    for _ in range(draw(st.integers(0, 6))):
        reach = draw(st.sampled_from((64, 512, len(data) or 1)))
        at = rng.randrange(min(reach, len(data)) or 1)
        match draw(st.sampled_from(("flip", "number", "cut", "end", "double", "other"))):
            case "flip":
                data[at : at + 1] = bytes([rng.randrange(256)])
            case "number":
                data[at : at + 4] = rng.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"))
            case "cut":
                del data[at : at + rng.randrange(1, 40)]
            case "end":
                del data[max(at, 8) :]
            case "double":
                data[at:at] = data[at : at + rng.randrange(1, 400)]
            case "other":
                data[at:at] = rng.choice(wholes())[: rng.randrange(1, 200)]
    return bytes(data)


@seed(14)
@CASES
@given(damaged(), st.sampled_from(sorted(SUFFIXES)))
def test_damaged_pictures(tmp_path: Path, data: bytes, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    started.clear()
    try:
        pixels = read_rgb(path)
    except BenchError as error:
        assert str(error).count(str(path)) == 1  # noqa: PT017 - either is right
        str(error).encode()
    else:
        assert pixels.dtype == np.uint8
        assert size_of(path) == pixels.shape[:2]
        assert pixels.shape[2:] == (3,)
    assert not started
    path.unlink()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=120),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True) | st.text(max_size=70)


@st.composite
def sidecars(draw: st.DrawFn) -> bytes:
    """What may lie beside a picture: JSON of anything, deep, long, cut or with bytes changed."""
    kind = draw(st.sampled_from(("object", "value", "bytes", "deep", "long", "twice")))
    if kind == "bytes":
        return draw(st.binary(max_size=200))
    if kind == "deep":
        depth = draw(st.integers(1, 30_000))
        return b'{"a": ' + b"[" * depth + b"]" * depth + b"}"
    if kind == "long":
        return b'{"a": ' + b"9" * draw(st.integers(1, MOST_BYTES + 9)) + b"}"
    if kind == "twice":
        return b'{"a": 1, "a": 2}'
    made = draw(st.dictionaries(NAMES, VALUES, max_size=6) if kind == "object" else VALUES)
    data = bytearray(json.dumps(made).encode())
    for _ in range(draw(st.integers(0, 2))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data)


@seed(14)
@CASES
@given(sidecars())
def test_files_of_factors(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.json").write_bytes(data)
    started.clear()
    found = known_of(tmp_path / "a.png", "face")
    assert not started
    if isinstance(found, Unknown):
        found.reason.encode()
        assert len(found.reason) < 400
        return
    assert isinstance(found, Known)
    for name, value in found.values.items():
        name.encode("ascii")
        assert isinstance(value, str | bool | float | tuple)
        json.dumps(value, allow_nan=False).encode()
        assert not isinstance(value, str) or value.isprintable()


@seed(14)
@CASES
@given(st.lists(st.binary(min_size=1, max_size=255), max_size=8, unique=True))
def test_names(names: list[bytes]) -> None:
    usable = [os.fsdecode(n.replace(b"/", b"_").replace(b"\0", b"_")) for n in names]
    paths = [Path("folder") / name for name in dict.fromkeys(usable) if name not in (".", "..")]
    found = names_of(paths)
    assert list(found.values()) == paths
    assert len({folded(name) for name in found}) == len(paths)
    for name in found:
        assert len(name.encode()) <= 210
        assert name not in ("", ".", "..")
        assert not set(name) & set("/\\\0\n")


@seed(14)
@CASES
@given(st.binary(max_size=300), st.sampled_from((b"", b"source,output,name\n", b"output,name\n")))
def test_manifests(tmp_path: Path, data: bytes, head: bytes) -> None:
    (tmp_path / "test-manifest.csv").write_bytes(head + data)
    named, problem = names_in_manifest(tmp_path / "test")
    assert not (named and problem)


def hostile_folder(folder: Path, count: int) -> None:
    """Damaged files under odd names."""
    folder.mkdir(parents=True)
    rng = random.Random(14)
    names = [
        *(f"a{i}{s}".encode() for i, s in enumerate(sorted(SUFFIXES) * count)),
        b"\xff\xfe.png",
    ]
    for name in names[:count]:
        data = bytearray(rng.choice(wholes()))
        for _ in range(rng.randrange(4) if data else 0):
            data[rng.randrange(min(len(data), 300))] = rng.randrange(256)
        path = folder / os.fsdecode(name)
        path.write_bytes(bytes(data))
        path.with_suffix(".json").write_text(rng.choice(("{", "[" * 9999, '{"a": 1}', "\x00", "1")))


def test_the_commands_account_for_a_hostile_folder(tmp_path: Path) -> None:
    count = 120
    hostile_folder(tmp_path / "data" / "face", count)
    done = CliRunner().invoke(app, ["import", str(tmp_path / "data"), "--split", "face", "--size",
                                    "32", "--out", str(tmp_path / "new")])  # fmt: skip
    assert done.exit_code == 0, done.exception
    with (tmp_path / "new" / "face" / "test-manifest.csv").open(newline="") as file:
        lines = [line for line in csv.DictReader(file) if not line["source"].endswith(".json")]
    assert len(lines) == count
    (tmp_path / "tiny.toml").write_text(SUITE)
    ran = bench("run", "--suite", tmp_path / "tiny.toml", "--data", tmp_path / "data", "--metrics",
                "psnr_rgb_db,ssim", "--methods", "nearest", "--out", tmp_path / "out")  # fmt: skip
    assert ran.returncode == 1, ran.stderr
    assert "Traceback" not in ran.stderr
    found = rows(tmp_path / "out")
    assert len(found) == len({row["image"] for row in found}) == count
    assert all(row["reason"] for row in found if row["state"] != "ok")
