"""Names, order and lists of pictures: no two become one, and nothing in a folder is passed over."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.core.errors import BenchError
from bench.core.rows import RowState
from bench.datasets.picture_folder import look_into, names_of, natural
from bench.datasets.splits import open_folder
from bench.datasets.suites import load_suite, read_list
from bench.pictures.files import read_rgb
from tests.conftest import SUITE, picture
from tests.support.commands import bench_here, rows

BYTES = b"caf\xe9.png"  # a name in Latin 1


def put(folder: Path, *names: str) -> list[Path]:
    """A different picture under each name."""
    folder.mkdir(parents=True, exist_ok=True)
    for i, name in enumerate(names):
        options = {"format": "PNG"} if not name.isascii() else {}
        Image.fromarray(picture(i)).save(folder / name, **options)
    return [folder / name for name in names]


def named(*names: str) -> list[str]:
    """What pictures of these files are called."""
    paths = [Path("f") / name for name in names]
    found = names_of(paths)
    assert list(found.values()) == paths
    return list(found)


def test_two_pictures_never_become_one_name() -> None:
    assert named("a.png", "b.jpg") == ["a", "b"]
    assert named("cat.jpg", "cat.png", "cat.png.png") == ["cat.jpg", "cat.png", "cat.png.png"]
    assert named("cat.png.png", "cat.png") == ["cat.png.png", "cat"]
    assert named("Cat.png", "cat.jpg") == ["Cat.png", "cat.jpg"]  # one folder on some systems
    assert len(set(map(str.casefold, named("Cat.png", "cat.png")))) == 2
    composed, apart = "\u00e9.png", "e\u0301.png"
    assert len(set(named(composed, apart))) == 2


def test_names_suit_every_system() -> None:
    assert named(os.fsdecode(BYTES), "a\\b.png", "new\nline.png") == [
        "caf%E9", "a%5Cb", "new%0Aline",
    ]  # fmt: skip
    assert len(set(named(os.fsdecode(BYTES), "caf%E9.png"))) == 2
    long = named("x" * 251 + ".png", "x" * 250 + "y.png")
    assert len(set(long)) == 2
    assert all(len(name.encode()) <= 200 for name in long)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_does_not_hang_on_the_file_system(seed: int) -> None:
    files = [Path(f"img{n}.png") for n in ("1", "01", "001", "2", "10", "a", "")]
    expected = sorted(files, key=natural)
    np.random.default_rng(seed).shuffle(files)  # as a file system may list them
    assert sorted(files, key=natural) == expected
    assert [p.name for p in expected if p.stem in ("img1", "img2", "img10")] == [
        "img1.png", "img2.png", "img10.png",
    ]  # fmt: skip


def test_a_run_accounts_for_every_file(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "face"
    put(folder, "cat.jpg", "cat.png", "cat.png.png", "a.bmp", "b.tif", "c.avif", "d.jp2",
        os.fsdecode(BYTES))  # fmt: skip
    (folder / "link.png").symlink_to("gone")
    (folder / "e.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    os.mkfifo(folder / "pipe.png")
    (folder / "notes.txt").write_text("hello")
    (folder / ".hidden.png").write_text("")
    (folder / "more").mkdir()
    (tmp_path / "tiny.toml").write_text(SUITE)
    done = bench_here("run", "--suite", tmp_path / "tiny.toml", "--data", tmp_path / "data",
                 "--methods", "nearest", "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "1 hidden file (.hidden.png)" in done.stderr
    assert "1 folder, not searched (more)" in done.stderr
    assert "1 file, by name no picture (notes.txt)" in done.stderr
    found = {row["image"]: row for row in rows(tmp_path / "out")}
    good = {"cat.jpg", "cat.png", "cat.png.png", "a", "b", "c", "d", "caf%E9"}
    assert {name for name, row in found.items() if row["state"] == "ok"} == good
    assert "a broken link: there is no gone" in found["link"]["reason"]
    assert "a pipe, socket or device" in found["pipe"]["reason"]
    assert found["e"]["state"] in ("failed", "unavailable")
    for name, i in (("cat.jpg", 0), ("cat.png", 1), ("cat.png.png", 2), ("caf%E9", 7)):
        truth = read_rgb(tmp_path / "out" / "images" / "face" / name / "truth.png")
        assert np.abs(truth.astype(int) - picture(i)).mean() < 8
    again = bench_here("run", "--suite", tmp_path / "tiny.toml", "--data", tmp_path / "data",
                       "--methods", "nearest", "--out", tmp_path / "out", "--dry-run")  # fmt: skip
    assert f"\n  face: {folder / 'link.png'}: a broken link" in again.stdout


def test_what_has_a_meaning_is_not_called_unread(tmp_path: Path) -> None:
    put(tmp_path, "a.png")
    for name in ("a.json", "render.json", "test-manifest.csv"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "train").mkdir()
    assert look_into(tmp_path).aside == ()
    (tmp_path / "b.json").write_text("{}")
    assert look_into(tmp_path).aside == ("1 file, by name no picture (b.json)",)


def test_a_folder_that_cannot_be_listed(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="cannot be listed: No such file"):
        look_into(tmp_path / "gone")


def test_lists_name_pictures_once(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png", "c.png")
    split = open_folder(tmp_path, "face", (64, 64), "photo", ("b", "a.png", "z"))
    assert [(p.name, p.state) for p in split.pictures] == [
        ("b", RowState.OK), ("a.png", RowState.OK), ("z", RowState.UNAVAILABLE),
    ]  # fmt: skip
    assert split.aside == ("1 picture that the published list does not name",)
    for listed in (("a", "a"), ("a", "a.png"), ("z", "z")):
        with pytest.raises(BenchError, match="names one twice, as"):
            open_folder(tmp_path, "face", (64, 64), "photo", listed)
    (tmp_path / "list.txt").write_bytes(b"\xef\xbb\xbf a \r\n  # a comment\r\n\r\nb\r\n")
    assert read_list(str(tmp_path / "list.txt")) == ("a", "b")
    (tmp_path / "list.txt").write_bytes(BYTES)
    with pytest.raises(BenchError, match="no list of names in UTF-8"):
        read_list(str(tmp_path / "list.txt"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (["--splits", "face,face"], "--splits names 'face' 2 times"),
        (["--scale", "4,4"], "--scale names '4' 2 times"),
        (["--splits", "../data/face"], "--splits '../data/face': the name of a folder is wanted"),
        (["--splits", ".."], "the name of a folder is wanted"),
        (["--splits", "face/"], "the name of a folder is wanted"),
        (["--data", "/no/such/folder"], "--data /no/such/folder: there is no such folder"),
        (["--data", __file__], f"--data {__file__} is a file: pass the folder"),
    ],
)
def test_splits_and_data_that_will_not_do(
    change: list[str], told: str, data: Path, suite: Path, tmp_path: Path
) -> None:
    done = bench_here("run", "--suite", suite, "--data", data, "--methods", "nearest",
                      "--out", tmp_path / "out", *change)  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    assert told in done.stderr
    assert not (tmp_path / "out").exists()


def test_advice_to_import_makes_what_a_run_takes(
    data: Path, suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = tmp_path / "with space" / "face"
    large.mkdir(parents=True)
    Image.fromarray(picture(0, 128)).save(large / "a.png")
    (chosen,) = load_suite(str(suite)).open_splits(["face"], large.parent, None)
    problem = chosen.pictures[0].problem or ""
    assert "is 128x128 pixels, expected 64x64" in problem
    monkeypatch.chdir(tmp_path)
    done = bench_here(*shlex.split(problem.split("`")[1])[3:])
    assert done.returncode == 0, done.stderr
    (made,) = load_suite(str(suite)).open_splits(["face"], tmp_path / "data-64", None)
    assert [(p.name, p.problem) for p in made.pictures] == [("a", None)]
