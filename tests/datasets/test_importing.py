"""Importing pictures: every kind of file is handled or named."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from PIL import Image
from typer.testing import CliRunner

from bench.cli import app
from bench.core.errors import BenchError
from bench.datasets.importing import Fit, Outcome, find_pictures, import_all
from bench.datasets.splits import open_folder
from bench.pictures.files import read_rgb
from tests.conftest import SUITE, picture
from tests.support.commands import bench_here, rows


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


def run_import(*arguments: object) -> Result:
    """`bench import ARGUMENTS`."""
    return CliRunner().invoke(app, ["import", *map(str, arguments)])


def test_everything_below_a_folder_is_accounted_for(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "in", tmp_path / "elsewhere"
    (folder / "deeper").mkdir(parents=True)
    elsewhere.mkdir()
    Image.fromarray(picture(0)).save(folder / "deeper" / "a.BMP")
    (folder / "notes.txt").write_text("hello")
    (folder / ".hidden.png").write_text("")
    (folder / "gone.png").symlink_to("nothing")
    (folder / "linked").symlink_to(elsewhere)
    os.mkfifo(folder / "pipe.tif")
    (folder / "b.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    done = run_import(folder, "--split", "cat", "--size", 32, "--out", tmp_path / "data")
    assert done.exit_code == 0, done.output
    with (tmp_path / "data" / "cat" / "test-manifest.csv").open(newline="") as file:
        found = {line["name"]: line for line in csv.DictReader(file)}
    assert {name: line["note"] for name, line in found.items() if name != "b.heic"} == {
        "deeper/a.BMP": "",
        "notes.txt": "by its name no picture",
        ".hidden.png": "a hidden file",
        "gone.png": "a broken link: there is no nothing",
        "linked": "a link to a folder, which is not followed",
        "pipe.tif": "a pipe, socket or device, not a file",
    }
    assert found["b.heic"]["outcome"] in ("unreadable", "not readable here")
    assert found["b.heic"]["note"]
    for line in done.output.splitlines():
        assert line.count(str(folder)) <= 1, line
    assert "not read, by its name no picture: notes.txt" in done.output


def test_a_folder_that_cannot_be_entered_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.fromarray(picture(0)).save(tmp_path / "a.png")
    (tmp_path / "shut").mkdir()
    scandir = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = {each.name: each for each in find_pictures(tmp_path)}
    assert found["shut"].reason == "cannot be read: Permission denied"
    assert found["shut"].outcome is Outcome.UNREADABLE


def test_imported_pictures_keep_the_names_of_their_sources(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, names in ((one, ("x/a.png", "y/a.png", "b.jpg", "c.png")), (two, ("d.png",))):
        for i, name in enumerate(names):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture(i + 10 * (folder is two))).save(folder / name)
    Image.fromarray(picture(20)).save(os.fsencode(two) + b"/caf\xe9.png")
    options = ("--split", "face", "--size", 64, "--out", tmp_path / "data")
    for folder in (one, two, one):  # a later import leaves the names of an earlier one
        assert run_import(folder, *options).exit_code == 0
    split = open_folder(tmp_path / "data" / "face" / "test", "face", (64, 64), "photo")
    named = {p.name: read_rgb(p.path) for p in split.pictures if p.path}
    assert sorted(named) == ["b", "c", "caf%E9", "d", "x_a.png", "y_a.png"]
    assert (named["y_a.png"] == picture(1)).all()
    assert (named["d"] == picture(10)).all()
    (tmp_path / "tiny.toml").write_text(SUITE)
    done = bench_here("run", "--suite", tmp_path / "tiny.toml", "--data", tmp_path / "data",
                      "--methods", "nearest", "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {row["image"] for row in rows(tmp_path / "out")} == set(named)
    assert "x_a.png" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize(
    "text",
    ["", "source,output,name\n", '"', "output,name\n../../x.png,../../../etc/passwd\n", "\0",
     "output,name\n{file},../../up\n", "output,name\n{file},..\n", "output,name\n{file},/\n",
     "output,name\n{file},\n", b"\xff\xfe"],
)  # fmt: skip
def test_a_strangers_manifest_leads_nowhere(text: str | bytes, tmp_path: Path) -> None:
    folder = tmp_path / "face" / "test"
    folder.mkdir(parents=True)
    Image.fromarray(picture(0)).save(folder / "a.png")
    data = text if isinstance(text, bytes) else text.format(file="a.png").encode()
    (tmp_path / "face" / "test-manifest.csv").write_bytes(data)
    split = open_folder(folder, "face", (64, 64), "photo")
    (only,) = split.pictures
    assert only.problem is None
    assert only.name in ("a", "up", "%2E%2E", "%")
    if isinstance(text, bytes):
        assert "is not the list that bench import wrote" in split.aside[0]


def test_a_folder_is_of_one_kind(tmp_path: Path) -> None:
    Image.fromarray(picture(0, 128)).save(tmp_path / "wide.png")
    options = ("--split", "face", "--out", tmp_path / "data")
    assert run_import(tmp_path, *options, "--size", 64).exit_code == 0
    folder = tmp_path / "data" / "face" / "test"
    before = sorted(folder.iterdir())
    for change, told in (
        (("--size", 32), "--size 32: .* holds 1 pictures of 64x64 pixels"),
        (("--size", 32, "--dry-run"), "a folder is of one size: choose another --out or --part"),
        (("--size", 64, "--fit", "stretch"), "--fit stretch: .* imported with --fit crop"),
    ):
        done = run_import(tmp_path, *options, *change)
        assert isinstance(done.exception, BenchError)
        assert re.search(told, str(done.exception)), done.exception
    assert isinstance(run_import(folder, *options, "--size", 64).exception, BenchError)
    assert sorted(folder.iterdir()) == before
    again = run_import(tmp_path, *options, "--size", 64)  # what it made before is no source
    assert "1 there already" in again.output
    assert "duplicate" not in again.output


@pytest.mark.parametrize("option", ["--split", "--part"])
@pytest.mark.parametrize("name", ["..", "a/b", ".", "", "a\\b"])
def test_names_of_folders_are_no_paths(option: str, name: str, tmp_path: Path) -> None:
    Image.fromarray(picture(0)).save(tmp_path / "a.png")
    done = run_import(tmp_path, "--split", "cat", "--out", tmp_path / "data", option, name)
    assert isinstance(done.exception, BenchError)
    assert "the name of a folder is wanted" in str(done.exception)
    assert not (tmp_path / "data").exists()
