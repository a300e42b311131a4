"""Importing pictures: every kind of file is handled or named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from bench.cli import app
from bench.core.errors import BenchError
from bench.datasets.importing import Fit, Outcome, find_pictures, import_all
from tests.conftest import picture


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """One good picture of each kind, and one of each problem."""
    folder = tmp_path / "mixed" / "deeper"
    folder.mkdir(parents=True)
    whole = Image.fromarray(picture(0, 64))
    whole.save(folder / "good.png")
    whole.save(folder / "same again.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(picture(1, 64)[:, :48]).save(folder / "sideways.jpg", exif=exif)
    Image.fromarray(picture(2, 64)[..., 0]).save(folder / "grey.png")
    Image.fromarray(picture(3, 64)).convert("RGBA").save(folder / "alpha.png")
    sixteen = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    Image.fromarray(sixteen).save(folder / "sixteen.png")
    Image.fromarray(picture(4, 16)).save(folder / "small.png")
    data = (folder / "good.png").read_bytes()
    (folder / "cut.png").write_bytes(data[: len(data) // 2])
    (folder / "empty.png").write_bytes(b"")
    (folder / "text\nfile.png").write_text("hello")
    return tmp_path / "mixed"


def test_every_file_is_handled_or_named(mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    entries = {Path(e.source).name: e for e in import_all(find_pictures(mixed), out, 32, Fit.CROP)}
    good = {"good.png", "sideways.jpg", "grey.png", "alpha.png", "sixteen.png"}
    assert {n for n, e in entries.items() if e.outcome is Outcome.IMPORTED} == good
    assert entries["same again.png"].outcome is Outcome.DUPLICATE
    assert entries["small.png"].outcome is Outcome.TOO_SMALL
    broken = ("cut.png", "empty.png", "text\nfile.png")
    assert all(entries[name].outcome is Outcome.UNREADABLE for name in broken)
    assert (entries["sideways.jpg"].width, entries["sideways.jpg"].height) == (64, 48)
    for path in out.glob("*.png"):
        assert np.asarray(Image.open(path)).shape == (32, 32, 3)
    sixteen = np.asarray(Image.open(out / entries["sixteen.png"].output))
    assert sixteen.min() < 8
    assert sixteen.max() > 247
    again = list(import_all(find_pictures(mixed), out, 32, Fit.CROP))
    assert sum(e.outcome is Outcome.THERE_ALREADY for e in again) == len(good)


def test_stretching_keeps_the_whole_picture(tmp_path: Path) -> None:
    wide = np.zeros((64, 128, 3), np.uint8)
    wide[:, 64:] = 255
    (tmp_path / "in").mkdir()
    Image.fromarray(wide).save(tmp_path / "in" / "wide.png")
    (entry,) = import_all(find_pictures(tmp_path / "in"), tmp_path / "out", 64, Fit.STRETCH)
    made = np.asarray(Image.open(tmp_path / "out" / entry.output))
    assert made[:, :28].max() <= 2
    assert made[:, 36:].min() >= 253


def test_the_command_tells_and_refuses(mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "data"
    arguments = ["import", str(mixed), "--split", "cat", "--size", "32", "--out", str(out)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "5 imported" in done.output
    assert (out / "cat" / "test-manifest.csv").read_text().count("unreadable") == 3
    with pytest.raises(BenchError, match="holds no pictures"):
        find_pictures(tmp_path / "data" / "cat" / "nothing")
    too_large = CliRunner().invoke(app, ["import", str(mixed), "--split", "cat", "--size", "512"])
    assert isinstance(too_large.exception, BenchError)
