"""Mistakes and mishaps: told with what was expected, and nothing already measured is lost."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SUITE, write_pictures
from tests.support.commands import ROOT, bench_here, rows, states

BAD = ROOT / "tests" / "support" / "misbehaving.py"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file, by its path."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def measured_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder with two rows."""
    folder = tmp_path_factory.mktemp("measured")
    write_pictures(folder / "data" / "face", 2)
    (folder / "tiny.toml").write_text(SUITE)
    done = bench_here("run", "--suite", folder / "tiny.toml", "--data", folder / "data",
                 "--methods", "nearest", "--out", folder / "out",
                 BENCH_CACHE=str(folder / "cache"))  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "out"


@pytest.fixture
def measured(measured_once: Path, tmp_path: Path) -> Path:
    """A copy of it, to which more can be added."""
    return shutil.copytree(measured_once, tmp_path / "out")


def test_mistakes_leave_what_is_measured_as_it_is(
    measured: Path, data: Path, suite: Path, tmp_path: Path
) -> None:
    before = contents(measured)
    empty = tmp_path / "nothing"
    (empty / "face").mkdir(parents=True)
    for change, message in (
        (["--methods", "nearst"], "Did you mean 'nearest'"),
        (["--splits", "fase"], "Did you mean 'face'"),
        (["--metrics", "ssmi"], "Did you mean 'ssim'"),
        (["--imges", "2"], "--images"),
        (["--set", "nearest.step=1"], "unknown name 'step'"),
        (["--data", str(empty)], "holds no pictures"),
        (["--methods", f"{BAD}:NoSuchClass"], "NoSuchClass"),
    ):
        done = bench_here("run", "--suite", suite, "--data", data, "--methods", "nearest",
                          "--out", measured, *change)  # fmt: skip
        assert done.returncode == 2, done.stdout + done.stderr
        assert message in done.stderr
    assert contents(measured) == before


def test_methods_that_go_wrong_leave_what_is_measured_as_it_is(
    measured: Path, data: Path, suite: Path
) -> None:
    before = rows(measured)
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
                 "--methods", f"{BAD}:NotANumber,{BAD}:WrongShape", "--out", measured)  # fmt: skip
    assert done.returncode == 1, done.stderr
    after = rows(measured)
    assert [row for row in after if row["method"] == "nearest"] == before
    reasons = {row["method"]: row["reason"] for row in after if row["state"] == "failed"}
    assert "NaN or infinite" in reasons["NotANumber"]
    assert "expected (1, 3, 64, 64)" in reasons["WrongShape"]


def test_pictures_that_go_bad_leave_what_is_measured_as_it_is(
    measured: Path, data: Path, suite: Path
) -> None:
    before = rows(measured)
    path = data / "face" / "002.png"
    path.write_bytes(path.read_bytes()[:100])
    write_pictures(data / "new", 1, size=32)
    (data / "new" / "000.png").rename(data / "face" / "003.png")
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 4,
                 "--methods", "nearest", "--out", measured)  # fmt: skip
    assert done.returncode == 1, done.stderr
    after = rows(measured)
    assert after[:2] == before
    assert [row["state"] for row in after] == ["ok", "ok", "failed", "failed"]
    assert "not a whole picture" in after[2]["reason"]
    assert "32x32 pixels, expected 64x64" in after[3]["reason"]


def test_a_disk_that_takes_no_more_leaves_what_is_measured_as_it_is(
    measured: Path, data: Path, suite: Path
) -> None:
    before = rows(measured)
    arguments = ["run", "--suite", str(suite), "--data", str(data), "--splits", "face",
                 "--methods", "nearest", "--out", str(measured)]  # fmt: skip

    def small_files() -> None:
        # A restored picture no longer fits; a plan and a row do.
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))

    full = subprocess.run(
        [sys.executable, "-m", "bench", *arguments], cwd=ROOT, preexec_fn=small_files,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert full.returncode == 1, full.stdout + full.stderr
    assert "cannot write" in full.stderr
    assert "run the same command again" in full.stderr
    assert "Traceback" not in full.stderr
    assert rows(measured)[:2] == before
    again = bench_here(*arguments)
    assert again.returncode == 0, again.stderr
    assert states(measured) == {"ok": 5}
    assert rows(measured)[:2] == before


@pytest.mark.parametrize(
    ("change", "messages"),
    [
        (("face.size", "face.sise"), ("splits.face.sise", "did you mean size", "tiny.toml")),
        (("[splits]", "[setings]\n[splits]"), ("setings", "did you mean settings")),
        (("[splits]", "[settings.nearest]\nstepz = 3\n[splits]"), ("unknown name 'stepz'", "nearest")),
        (('"nearest"', '"nearst"'), ("unknown method 'nearst'", "Did you mean 'nearest'")),
        (('"psnr_rgb_db"', '"psnr_rgb"'), ("unknown metric 'psnr_rgb'", "Did you mean 'psnr_rgb_db'")),
        (("domain", 'kernel = "matlab_cubic"\ndomain'), ("unknown kernel", "Did you mean 'matlab-bicubic'")),
        (("face.size = 64", 'face.size = "big"'), ("splits.face.size = 'big'",)),
        (("face.size = 64", "face.size = -64"), ("splits.face.size = -64", "greater than 0")),
        (("face.size = 64", 'face = { size = 64, list = "celeba.txt" }'), ("unknown test list 'celeba.txt'",)),
    ],
)  # fmt: skip
def test_mistakes_in_a_suite_are_told_with_their_place(
    change: tuple[str, str], messages: tuple[str, ...], data: Path, suite: Path, tmp_path: Path
) -> None:
    suite.write_text(suite.read_text().replace(*change))
    out = tmp_path / "out"
    done = bench_here("run", "--suite", suite, "--data", data, "--out", out)
    assert done.returncode == 2, done.stdout + done.stderr
    for message in messages:
        assert message in done.stderr, done.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnu"], "Did you mean 'run'"),
        (["list", "metric"], "'metrics'"),
        (["info", "gleam"], "Did you mean 'glean'"),
        (["report", "/no/such/folder"], "holds no results"),
        (["import", "/no/such/folder", "--split", "face"], "no such folder"),
    ],
)
def test_mistakes_of_other_commands_are_told(arguments: list[str], message: str) -> None:
    done = bench_here(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert message in done.stderr
