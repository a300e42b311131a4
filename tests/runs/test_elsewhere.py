"""`--methods theirs=FOLDER`: pictures restored elsewhere, scored like those restored here."""

from __future__ import annotations

import os
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.pictures.files import read_rgb
from bench.pictures.kinds import lossy_format
from tests.conftest import SUITE, picture, write_pictures
from tests.support.commands import bench_here, rows

NAMES = [f"{i:03d}" for i in range(4)]


@pytest.fixture(scope="module")
def restored_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of bicubic on two splits, and its pictures as somebody would send them."""
    root = tmp_path_factory.mktemp("elsewhere")
    for split in ("face", "cat"):
        write_pictures(root / "data" / split, len(NAMES))
    (root / "tiny.toml").write_text(SUITE)
    done = run(root, "bicubic")
    assert done[0] == 0, done
    for split in ("face", "cat"):
        (root / "theirs" / split).mkdir(parents=True)
        for name in NAMES:
            source = root / "out" / "images" / split / name / "bicubic.png"
            shutil.copy(source, root / "theirs" / split / f"{name}.png")
    return root


@pytest.fixture
def root(restored_once: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    return shutil.copytree(restored_once, tmp_path / "root")


def run(root: Path, methods: str, *more: object) -> tuple[int, str, str]:
    """Exit status, standard output and standard error."""
    done = bench_here("run", "--suite", root / "tiny.toml", "--data", root / "data", "--methods",
                      methods, "--out", root / "out", *more)  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def of(root: Path, method: str, split: str = "face") -> dict[str, dict[str, str]]:
    """The rows of a method by image."""
    found = rows(root / "out")
    return {r["image"]: r for r in found if (r["method"], r["split"]) == (method, split)}


def test_they_score_as_the_same_pictures_restored_here(root: Path) -> None:
    status, _, told = run(root, f"bicubic,theirs={root / 'theirs'}")
    assert status == 0, told
    assert "note:" not in told
    for split in ("face", "cat"):
        here, theirs = of(root, "bicubic", split), of(root, "theirs", split)
        assert list(theirs) == NAMES
        for name, row in theirs.items():
            assert (row["state"], row["latency_s"], row["peak_mem_bytes"]) == ("ok", "", "")
            for column in ("psnr_rgb_db", "lr_psnr_db", "output_digest"):
                assert row[column] == here[name][column]
    assert "theirs" in (root / "out" / "pairs.csv").read_text()
    assert "theirs (elsewhere)" in (root / "out" / "report.html").read_text()


def test_a_changed_picture_is_measured_anew_and_nothing_else_is_done_twice(root: Path) -> None:
    methods = f"theirs={root / 'theirs'}"
    assert run(root, methods, "--splits", "face")[0] == 0
    before = of(root, "theirs")
    dry = run(root, methods, "--splits", "face", "--dry-run")
    assert "4 cached" in dry[1]
    # Where the folder lies is nobody's business.
    shutil.move(root / "theirs", root / "moved")
    methods = f"theirs={root / 'moved'}"
    assert "4 cached" in run(root, methods, "--splits", "face", "--dry-run")[1]
    path = root / "moved" / "face" / "002.png"
    Image.fromarray(255 - read_rgb(path)).save(path)
    assert run(root, methods, "--splits", "face")[0] == 0
    after = of(root, "theirs")
    changed = {n for n in NAMES if before[n]["psnr_rgb_db"] != after[n]["psnr_rgb_db"]}
    assert changed == {"002"}


def test_what_is_missing_extra_wrong_and_lossy_is_named(root: Path) -> None:
    face = root / "theirs" / "face"
    Image.open(face / "000.png").save(face / "000.jpg", quality=50)
    (face / "000.png").unlink()
    (face / "001.png").rename(face / "nobody.png")
    Image.open(face / "002.png").resize((32, 32)).save(face / "002.png")
    for dry in (("--dry-run",), ()):
        status, _, told = run(root, f"theirs={root / 'theirs'}", *dry)
        assert f"1 of 4 pictures have none in {face} and fail: 001" in told
        assert f"1 picture in {face} belong to none of the split: nobody.png" in told
        assert f"{face / '002.png'} is 32x32 pixels, expected 64x64" in told
        assert "1 of 4 pictures are JPEG" in told
        assert "theirs on cat" not in told.split("[0/")[0]
    assert status == 1
    found = of(root, "theirs")
    assert [found[n]["state"] for n in NAMES] == ["ok", "failed", "failed", "ok"]
    assert "lossy format (JPEG)" in found["000"]["reason"]
    assert "no picture called 001" in found["001"]["reason"]
    assert "expected 64x64" in found["002"]["reason"]
    page = (root / "out" / "report.html").read_text()
    assert f"--methods theirs={root / 'theirs'} --splits face" in page
    # Once they are there, they are measured.
    (face / "nobody.png").rename(face / "001.png")
    assert run(root, f"theirs={root / 'theirs'}")[0] == 1
    assert of(root, "theirs")["001"]["state"] == "ok"


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("a.png", {}, ""),
        ("a.tif", {}, ""),
        ("a.webp", {"lossless": True}, ""),
        ("a.webp", {"lossless": True, "icc_profile": b"x" * 3000}, ""),
        ("a.webp", {"quality": 95}, "lossy WebP"),
        ("a.jpg", {"quality": 100}, "JPEG"),
        ("a.avif", {}, "AVIF"),
    ],
)
def test_lossy_files_are_told_by_what_they_hold(
    tmp_path: Path, name: str, options: dict[str, object], told: str
) -> None:
    Image.fromarray(picture(1)).save(tmp_path / name, **options)
    assert lossy_format(tmp_path / name) == told
    shutil.copy(tmp_path / name, tmp_path / "b.png")
    assert lossy_format(tmp_path / "b.png") == told


def test_pictures_beyond_the_first_n_are_not_called_extra(root: Path) -> None:
    status, _, told = run(root, f"theirs={root / 'theirs'}", "--images", 2)
    assert status == 0
    assert "belong to none" not in told


def test_a_flat_folder_serves_the_split_whose_names_it_has(root: Path) -> None:
    for path in (root / "data" / "cat").iterdir():
        path.rename(path.with_name(f"cat{path.name}"))
    status, _, told = run(root, f"theirs={root / 'theirs' / 'face'}")
    assert status == 0, told
    assert {r["state"] for r in of(root, "theirs").values()} == {"ok"}
    cats = of(root, "theirs", "cat")
    assert {r["state"] for r in cats.values()} == {"unavailable"}
    assert "called like those of the split: cat000.png" in cats["cat000"]["reason"]


def test_files_that_are_no_pictures_cost_their_rows_alone(root: Path) -> None:
    face = root / "theirs" / "face"
    (face / "000.png").write_text("<html>not found</html>")
    (face / "001.png").unlink()
    (face / "001.png").symlink_to(root / "gone.png")
    (face / "002.webp").write_bytes((face / "002.png").read_bytes())
    (face / os.fsdecode(b"\xff\xfe.png")).write_bytes(b"x")
    (face / "notes.txt").write_text("hello")
    (face / "deep").mkdir()
    status, _, told = run(root, f"theirs={root / 'theirs'}", "--splits", "face")
    assert status == 1
    found = of(root, "theirs")
    assert [found[n]["state"] for n in NAMES] == ["failed", "failed", "failed", "ok"]
    assert "not a whole picture" in found["000"]["reason"]
    assert "a broken link" in found["001"]["reason"]
    assert "002.png and 002.webp" in found["002"]["reason"]
    assert "\\xff\\xfe.png" in told


def test_imported_pictures_are_known_by_their_sources_and_by_their_files(
    root: Path, tmp_path: Path
) -> None:
    sources = tmp_path / "sources"
    write_pictures(sources, 2)
    accent = unicodedata.normalize("NFD", "é")
    (sources / "001.png").rename(sources / f"{accent}.png")
    done = bench_here("import", sources, "--split", "face", "--size", 64, "--out", tmp_path / "in")
    assert done.returncode == 0, done.stderr
    files = sorted((tmp_path / "in" / "face" / "test").glob("*.png"))
    theirs = tmp_path / "sent"
    theirs.mkdir()
    of_first = next(f for f in files if np.array_equal(read_rgb(f), read_rgb(sources / "000.png")))
    shutil.copy(of_first, theirs / of_first.name)  # called like the file
    shutil.copy(of_first, theirs / "É.png")  # or like the source, as other systems spell it
    done = bench_here("run", "--suite", root / "tiny.toml", "--data", tmp_path / "in", "--splits",
                      "face", "--methods", f"theirs={theirs}", "--out", tmp_path / "o")  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = {r["image"]: float(r["psnr_rgb_db"]) for r in rows(tmp_path / "o")}
    assert found["000"] == 100
    assert len(found) == 2


@pytest.mark.parametrize(
    ("methods", "more", "message"),
    [
        ("theirs={root}/none", (), "there is no such folder"),
        ("theirs={root}/tiny.toml", (), "is a file, not a folder"),
        ("theirs={root}/empty", (), "holds no picture; expected pictures called like"),
        ("bicubic={root}/theirs", (), "'bicubic' is the name of a method here"),
        ("truth={root}/theirs", (), "'truth' is a file of every run"),
        ("a b={root}/theirs", (), "write it as NAME=FOLDER"),
        ("=x", (), "write it as NAME=FOLDER"),
        ("theirs=", (), "write it as NAME=FOLDER"),
        ("theirs={root}/theirs", ("--set", "theirs.x=1"), "restored already"),
        ("theirs={root}/theirs", ("--scale", "8,16"), "pictures restored from one input"),
        ("theirs={root}/theirs,theirs={root}/theirs", (), "'theirs' 2 times"),
    ],
)
def test_mistakes_are_told_before_anything_runs(
    restored_once: Path, methods: str, more: tuple[str, ...], message: str
) -> None:
    (restored_once / "empty").mkdir(exist_ok=True)
    status, _, told = run(restored_once, methods.format(root=restored_once), *more, "--dry-run")
    assert status == 2, told
    assert message in told
    assert "Traceback" not in told


def test_it_is_no_method_to_load_or_check(restored_once: Path) -> None:
    import bench
    from bench.core.errors import BenchError

    with pytest.raises(BenchError, match="restore no others"):
        bench.load(f"theirs={restored_once / 'theirs'}", split="face")
