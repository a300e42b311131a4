"""`bench restore`: pictures of one's own, of which no truth is known."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import bench
from bench.pictures.files import read_rgb, write_png
from bench.pictures.tensors import to_tensor
from tests.conftest import picture
from tests.support.commands import ROOT, bench_here

SMALL = 8  # the side of inputs that the networks that ship take at 16x


def restore(*arguments: object) -> subprocess.CompletedProcess[str]:
    return bench_here("restore", *arguments)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a network and of a search on rendered faces."""
    out = tmp_path_factory.mktemp("ran")
    done = bench_here("run", "--methods", "glean,pulse", "--splits", "face", "--images", 2, "--seeds",
                      2, "--set", "pulse.steps=3", "--metrics", "lr_psnr_db", "--out", out)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out / "images" / "face"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A picture of the size that the networks take."""
    write_png(tmp_path / "in" / "small.png", picture(1, SMALL))
    return tmp_path / "in" / "small.png"


def test_it_gives_the_pixels_of_a_run_for_its_inputs(ran: Path, tmp_path: Path) -> None:
    inputs = sorted(ran.glob("*/input.png"))
    out = tmp_path / "out"
    done = restore(*inputs, "--method", "glean", "--seeds", 2, "--out", out)
    assert done.returncode == 0, done.stderr
    # Suite, split and names are those of the run.
    assert "rendered-face-glean-x16-128.safetensors, sha256 " in done.stdout
    assert "Apache-2.0" in done.stdout
    assert "GLEAN draws nothing at random: one candidate" in done.stdout
    for path in inputs:
        restored = read_rgb(out / f"{path.parent.name}.png")
        assert np.array_equal(restored, read_rgb(path.with_name("glean.png")))
    assert len(list(out.iterdir())) == len(inputs) + 1


def test_candidates_of_a_search_are_those_of_its_seeds(ran: Path, tmp_path: Path) -> None:
    path, out = min(ran.glob("*/input.png")), tmp_path / "out"
    done = restore(path, "--method", "pulse", "--seeds", 2, "--set", "pulse.steps=3", "--out", out)
    assert done.returncode == 0, done.stderr
    name = path.parent.name
    for there, here in (("pulse", name), ("pulse.seed1", f"{name}.seed1")):
        found, wanted = read_rgb(out / f"{here}.png"), read_rgb(path.with_name(f"{there}.png"))
        assert np.array_equal(found, wanted)
        assert f"{here}.png" in done.stdout
    assert "steps=3" in done.stdout
    # The consistency told is that of the picture written.
    metric = bench.metric("lr_psnr_db", scale=16)
    truth = to_tensor(read_rgb(path.with_name("truth.png")))
    for each in (name, f"{name}.seed1"):
        db = metric(to_tensor(read_rgb(out / f"{each}.png")), truth)
        assert f"{db:.2f} dB" in done.stdout
    with Image.open(out / "contact-sheet.png") as sheet:
        width, height = sheet.size
    assert width > 3 * 256
    assert height > 256


def test_pictures_of_two_suites_are_not_restored_by_the_weights_of_one(
    ran: Path, small: Path, tmp_path: Path
) -> None:
    done = restore(small, min(ran.glob("*/input.png")), "--method", "glean", "--out", tmp_path)
    assert done.returncode == 2
    assert "the pictures are of suites photo and mini" in done.stderr
    assert "--suite" in done.stderr


def test_photographs_are_what_is_meant_unless_a_run_says_otherwise(
    small: Path, tmp_path: Path
) -> None:
    done = restore(small, "--method", "glean", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "  network: face-glean-x16-128.safetensors" in done.stdout
    assert "non-commercial research only" in done.stdout
    wanted = bench.load("glean", split="face", suite="photo")(read_rgb(small))
    assert np.array_equal(read_rgb(tmp_path / "out" / "small.png"), wanted)


def test_a_size_that_is_not_taken_is_told_with_those_that_are(small: Path, tmp_path: Path) -> None:
    write_png(tmp_path / "wide.png", np.zeros((8, 9, 3), np.uint8))
    write_png(tmp_path / "large.png", picture(1, 64))
    done = restore(tmp_path / "wide.png", tmp_path / "large.png", small, "--method", "glean",
                   "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 1
    for path, size in (("wide.png", "9x8"), ("large.png", "64x64")):
        told = f"{path}: {size} pixels: GLEAN on face at 16x takes pictures of 8x8 pixels; --align"
        assert told in done.stderr
    assert (tmp_path / "out" / "small.png").exists()
    # What enlarges anything takes anything, as far as memory goes.
    done = restore(tmp_path / "wide.png", "--method", "bicubic", "--out", tmp_path / "out")
    assert done.returncode == 0
    assert read_rgb(tmp_path / "out" / "wide.png").shape == (128, 144, 3)
    write_png(tmp_path / "huge.png", np.zeros((1000, 1000, 3), np.uint8))
    done = restore(tmp_path / "huge.png", "--method", "bicubic", "--out", tmp_path / "out")
    assert done.returncode == 4
    assert "1000x1000 pixels, which 16x makes more than a picture should have" in done.stderr


def test_what_is_no_picture_costs_no_other(small: Path, tmp_path: Path) -> None:
    folder = small.parent
    (folder / "page.png").write_text("<html>")
    (folder / "empty.jpg").touch()
    (folder / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (folder / "loop.png").symlink_to(folder / "loop.png")
    (folder / "folder.png").mkdir()
    shutil.copy(small, folder / os.fsdecode(b"\xe9.png"))
    (folder / "notes.txt").write_text("not meant")
    done = restore(folder, folder / "small.png", "--method", "nearest", "--out", tmp_path / "out")
    assert done.returncode == 1
    for told in ("page.png: not a whole picture", "empty.jpg: the file is empty",
                 "gone.png: a broken link", "loop.png: cannot be read", "folder.png: a folder, not a file"):  # fmt: skip
        assert told in done.stderr
    assert "Traceback" not in done.stderr
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"small.png", "%E9.png", "contact-sheet.png"}


def test_pictures_of_one_name_do_not_take_each_others_place(small: Path, tmp_path: Path) -> None:
    others = []
    for number in range(2):
        others.append(tmp_path / str(number) / "small.png")
        write_png(others[-1], picture(number + 5, SMALL))
    done = restore(small, *others, "--method", "nearest", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert len({path.read_bytes() for path in (tmp_path / "out").iterdir()}) == 4
    for name, seeds in (("contact-sheet.png", 1), ("small.seed1.png", 2)):
        write_png(small.with_name(name), picture(9, SMALL))
        done = restore(small, small.with_name(name), "--method", "pulse", "--seeds", seeds, "--out",
                       tmp_path / "none")  # fmt: skip
        assert done.returncode == 2
        assert f"would both be {tmp_path / 'none' / name}" in done.stderr
        assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.png", "--method", "glean"), "none.png: there is no such file"),
        (("empty", "--method", "glean"), "empty holds no pictures"),
        (("small.png", "--method", "glaen"), "Did you mean 'glean'"),
        (("small.png", "--method", "theirs=empty"), "restore no others"),
        (("small.png", "--method", "glean", "--suite", "nope"), "unknown suite"),
        (("small.png", "--method", "glean", "--set", "pulse.steps=3"), "unknown method 'pulse'"),
        (("small.png", "--method", "glean", "--weights", "glean=small.png"), "small.png"),
        (("small.png", "--method", "glean", "--align", "--split", "cat"), "it says so of those of"),
        (("small.png", "--method", "glean", "--align", "--suite", "mini"), "as suites photo and"),
        (("small.png", "--method", "bicubic", "--out", "."), "would take its place"),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_mistakes_are_told_in_words(
    small: Path, arguments: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small.parent)
    (small.parent / "empty").mkdir()
    before = small.read_bytes()
    done = restore(*arguments)
    assert done.returncode in (2, 4), done.stdout
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert small.read_bytes() == before


def test_a_method_that_is_missing_its_weights_says_what_helps(small: Path, tmp_path: Path) -> None:
    done = restore(small, "--method", "glean", "--split", "tower", "--out", tmp_path / "out")
    assert done.returncode == 4
    assert "python -m bench train glean" in done.stderr or "python -m bench fetch" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_method_of_ones_own_that_fails_costs_its_picture(small: Path, tmp_path: Path) -> None:
    spec = f"{ROOT / 'tests' / 'support' / 'damaging.py'}:Exits"
    done = restore(small, "--method", spec, "--out", tmp_path / "out")
    assert done.returncode == 4
    assert "not restored: " in done.stderr
    assert "SystemExit" in done.stderr


def test_a_start_imports_neither_torchs_compiler_nor_what_draws_plots(small: Path) -> None:
    code = (
        "import sys; from bench.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "found = {'torch._dynamo', 'sympy', 'triton', 'pandas', 'matplotlib.figure'}\n"
        "assert not found & set(sys.modules), found & set(sys.modules)"
    )
    arguments = ["restore", str(small), "--method", "glean", "--out", str(small.parent / "out")]
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, timeout=200,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
