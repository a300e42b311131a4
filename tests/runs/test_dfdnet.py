"""DFDNet by the commands: whence boxes are stands in the rows, and only faces are restored."""

from __future__ import annotations

from pathlib import Path

import pytest

from methods.dfdnet import DFDNet
from tests.conftest import SUITE, write_pictures
from tests.support.commands import bench_here, rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of two splits, a suite of their size, and a network of random weights."""
    folder = tmp_path_factory.mktemp("dfdnet")
    for split in ("face", "cat"):
        write_pictures(folder / "data" / split, 2)
    (folder / "tiny.toml").write_text(SUITE)
    DFDNet.toy(folder)
    return folder


def test_faces_are_restored_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    done = bench_here("run", "--suite", folder / "tiny.toml", "--data", folder / "data",
                      "--methods", "dfdnet", "--weights", f"dfdnet={folder / 'dfdnet.safetensors'}",
                      "--set", "dfdnet.landmarks=false", "--out", tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning: dfdnet" not in done.stdout
    found = {(row["split"], row["state"], row["reason"]) for row in rows(tmp_path)}
    assert found == {
        ("face", "ok", "boxes of the parts: template (as set)"),
        ("cat", "not-applicable", "DFDNet's dictionaries are of faces: it restores no cat"),
    }


def test_without_weights_it_says_how_to_train_some(folder: Path, tmp_path: Path) -> None:
    done = bench_here("run", "--suite", folder / "tiny.toml", "--data", folder / "data",
                      "--splits", "face", "--methods", "dfdnet", "--out", tmp_path)  # fmt: skip
    assert done.returncode == 4, done.stdout + done.stderr
    for row in rows(tmp_path):
        assert row["state"] == "unavailable"
        assert "no dfdnet or dfdnet-network weights for face 16x 64 px" in row["reason"]
        assert "`python -m bench train dfdnet --scale 16" in row["reason"]


def test_a_network_of_another_split_is_refused(folder: Path, tmp_path: Path) -> None:
    done = bench_here("train", "dfdnet", "--data", folder / "data", "--split", "face,cat",
                      "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 2
    assert "dfdnet learns from one split" in done.stderr
