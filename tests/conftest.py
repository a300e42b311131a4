"""Pictures and folders that the tests share. No test needs a network, weights or photographs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.commands import bench
from tests.support.discs import write_category


def picture(seed: int, size: int = 64) -> np.ndarray:
    """(size, size, 3) uint8: a smooth random picture, different for each seed."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (size // 8, size // 8, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((size, size), Image.Resampling.BICUBIC), dtype=np.int16)
    noisy = smooth + rng.integers(-8, 9, smooth.shape, dtype=np.int16)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def write_pictures(folder: Path, count: int, size: int = 64) -> list[Path]:
    """`count` PNGs 000.png, 001.png, ... in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{i:03d}.png" for i in range(count)]
    for i, path in enumerate(paths):
        Image.fromarray(picture(i, size)).save(path)
    return paths


SUITE = """
name = "tiny"
title = "Tiny pictures for tests"
domain = "photo"
default_size = 64
methods = ["nearest", "bicubic"]
metrics = ["psnr_rgb_db", "lr_psnr_db"]

[splits]
face.size = 64
cat.size = 64
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's cache or weights."""
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.delenv("BENCH_WEIGHTS", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(scope="session")
def discs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered pictures of coloured discs with known factors."""
    return write_category(tmp_path_factory.mktemp("rendered"))


@pytest.fixture(scope="session")
def disc_reader(discs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a reader of their factors, trained through the command line."""
    out = tmp_path_factory.mktemp("zoo")
    command = ("train", "readers", "--data", discs, "--split", "face", "--out", out)
    done = bench(*command, "--images", "4000", "--threads", "1", "--licence", "none")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(out / "face-readers.safetensors")
    return out


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of five pictures in each of two splits."""
    for split in ("face", "cat"):
        write_pictures(tmp_path / "data" / split, 5)
    return tmp_path / "data"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite of 64 px pictures and two metrics that need no weights."""
    path = tmp_path / "tiny.toml"
    path.write_text(SUITE)
    return path
