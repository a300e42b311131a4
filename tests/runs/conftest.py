"""Runs that are there already, for the tests of what is done with them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import SUITE, write_pictures
from tests.support.commands import BAD, bench_here


@pytest.fixture(scope="session")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs over the same pictures, shared by the tests of this folder, which change copies."""
    root = tmp_path_factory.mktemp("runs")
    for split in ("face", "cat"):
        write_pictures(root / "data" / split, 7)
    (root / "tiny.toml").write_text(SUITE)
    cache = str(root / "cache")
    for name, methods, more in (
        ("first", "nearest,bicubic", ()),
        ("second", f"bicubic,lanczos,{BAD}:Random", ("--seeds", 2)),
    ):
        done = bench_here("run", "--suite", root / "tiny.toml", "--data", root / "data", "--methods",
                     methods, *more, "--out", root / name, BENCH_CACHE=cache)  # fmt: skip
        assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def runs(held: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The two runs, to be changed at will."""
    for name in ("first", "second"):
        shutil.copytree(held / name, tmp_path / name)
    return tmp_path / "first", tmp_path / "second"
