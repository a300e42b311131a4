"""`bench render`, through its real entry point, on a category that renders in moments."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from bench.core.errors import BenchError
from bench.pictures.files import read_rgb
from bench.rendering.folder import RenderSettings, claim
from bench.rendering.production import held_interrupt
from tests.support.commands import ROOT, bench, bench_here

pytest.importorskip("mitsuba")
STAND_IN = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support" / "stand_in")])


def render(out: Path, count: int, *more: object) -> subprocess.CompletedProcess[str]:
    """Pictures of seed 1 at 16 samples."""
    arguments = ("--split", "face", "--count", count, "--seed", 1, "--samples", 16, "--out", out)
    return bench("render", *arguments, *more, PYTHONPATH=STAND_IN)


def started(out: Path, count: int) -> subprocess.Popen[str]:
    """The same under way, some of its pictures there, in a group of its own."""
    arguments = ("--split", "face", "--count", count, "--seed", 1, "--samples", 16, "--out", out)
    process = subprocess.Popen(
        [sys.executable, "-m", "bench", "render", *map(str, arguments), "--processes", "2"],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0,
        env={**os.environ, "PYTHONPATH": STAND_IN},
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while len(list(out.glob("*.png"))) < 4:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


def hashes(folder: Path) -> dict[str, str]:
    """Of pictures and factors, by name."""
    files = [p for p in folder.iterdir() if p.name.startswith("face-")]
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(files)}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five pictures, by one process."""
    out = tmp_path_factory.mktemp("rendered") / "face" / "train"
    done = render(out, 5, "--processes", 1, "--sheet", out.parent / "sheet.webp")
    assert done.returncode == 0, done.stderr
    assert f"train all --data {out.parents[1]} --split face" in done.stdout
    return out


def test_every_picture_has_its_factors_and_is_another(rendered: Path) -> None:
    pictures = sorted(rendered.glob("*.png"))
    assert [p.name for p in pictures] == [f"face-1-{i:05}.png" for i in range(5)]
    assert len({read_rgb(p).tobytes() for p in pictures}) == 5
    assert all(read_rgb(p).shape == (128, 128, 3) and read_rgb(p).std() > 10 for p in pictures)
    factors = [json.loads(p.with_suffix(".json").read_text()) for p in pictures]
    assert [f["identity"] for f in factors] == ["1-0"] * 4 + ["1-1"]
    assert len({f["height"] for f in factors}) == 5
    sheet = read_rgb(rendered.parent / "sheet.webp")
    assert (sheet[:, :128] == read_rgb(pictures[0])).all()
    assert sheet.shape == (128, 5 * 128, 3)


def test_neither_processes_nor_count_change_a_picture(rendered: Path, tmp_path: Path) -> None:
    assert render(tmp_path / "a", 3, "--processes", 2).returncode == 0
    short = hashes(tmp_path / "a")
    assert len(short) == 6
    assert short.items() <= hashes(rendered).items()


def test_pictures_of_one_identity_each_as_webp(tmp_path: Path) -> None:
    out = tmp_path / "test"
    done = render(out, 2, "--views", 1, "--format", "webp", "--processes", 1)
    assert done.returncode == 0, done.stderr
    assert {p.suffix for p in out.glob("face-*")} == {".webp", ".json"}
    identities = {json.loads(p.read_text())["identity"] for p in out.glob("face-*.json")}
    assert identities == {"1-0", "1-1"}


def test_killed_it_goes_on_and_leaves_no_process(rendered: Path, tmp_path: Path) -> None:
    process = started(tmp_path / "a", 500)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive
    there = hashes(tmp_path / "a")
    assert there.items() & hashes(rendered).items()
    (tmp_path / "a" / "face-1-00001.png").unlink(missing_ok=True)  # as if killed before it
    (tmp_path / "a" / "face-1-00000.json").unlink(missing_ok=True)
    done = render(tmp_path / "a", 5)
    assert done.returncode == 0, done.stderr
    assert "0 there already" not in done.stdout
    assert hashes(rendered).items() <= hashes(tmp_path / "a").items()


def test_an_interrupt_keeps_what_is_finished(tmp_path: Path) -> None:
    process = started(tmp_path / "a", 500)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told.strip() == "interrupted: finished pictures are kept, and the same command goes on"
    assert len(hashes(tmp_path / "a")) < 1000
    assert not list((tmp_path / "a").glob(".*"))


def test_an_interrupt_is_held_then_takes_effect() -> None:
    came: list[str] = []
    before = signal.signal(signal.SIGINT, lambda *_: came.append("interrupt"))
    try:
        with held_interrupt():
            signal.raise_signal(signal.SIGINT)
            came.append("end of the block")
        assert came == ["end of the block", "interrupt"]
        with held_interrupt():
            pass
        signal.raise_signal(signal.SIGINT)
        assert came[1:] == ["interrupt"] * 2
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_folder_is_of_one_kind(rendered: Path, tmp_path: Path) -> None:
    other = render(rendered, 1, "--views", 1)
    assert other.returncode == 2
    assert "other settings (views 4 there, 1 now)" in other.stderr
    settings = RenderSettings("face", 16, 4, "png", "a1b2", "3.9.1")
    (tmp_path / "photo.png").write_bytes((rendered / "face-1-00000.png").read_bytes())
    with pytest.raises(BenchError, match=r"not rendered by this command: photo\.png"):
        claim(tmp_path, settings)
    (tmp_path / "photo.png").unlink()
    claim(tmp_path, settings)
    claim(tmp_path, settings)
    changed = replace(settings, code="c3d4", samples=24)
    with pytest.raises(
        BenchError, match=r"samples 16 there, 24 now; code 'a1b2' there, 'c3d4' now"
    ):
        claim(tmp_path, changed)
    for damaged, problem in (("{", "cannot be read"), ("[]", "holds no settings")):
        (tmp_path / "render.json").write_text(damaged)
        with pytest.raises(BenchError, match=problem):
            claim(tmp_path, settings)


def test_mistakes_are_told_in_words(tmp_path: Path) -> None:
    unknown = bench_here("render", "--split", "fase", "--count", 1, "--seed", 1, "--out", tmp_path)
    assert unknown.returncode == 2
    assert "Did you mean 'face'" in unknown.stderr
    out = tmp_path / "a"
    arguments = ("render", "--split", "face", "--count", 1, "--seed", 1, "--out", out)
    sheet = bench_here(*arguments, "--sheet", out / "sheet.png")
    assert sheet.returncode == 2
    assert "would pass for a picture" in sheet.stderr
    jpeg = bench_here(*arguments, "--sheet", tmp_path / "sheet.jpg")
    assert jpeg.returncode == 2
    assert ".png or .webp" in jpeg.stderr
    assert not out.exists()


def test_a_scene_that_fails_costs_no_other(tmp_path: Path) -> None:
    category = (ROOT / "tests" / "support" / "stand_in" / "tiny_category.py").read_text()
    failing = category.replace("scene = ", 'assert factors["identity"] != "1-1"\n    scene = ')
    (tmp_path / "tiny_category.py").write_text(failing)
    finder = ROOT / "tests" / "support" / "stand_in" / "sitecustomize.py"
    (tmp_path / "sitecustomize.py").write_text(finder.read_text())
    done = bench("render", "--split", "face", "--count", 3, "--seed", 1, "--views", 1, "--samples", 4,
                 "--out", tmp_path / "a", PYTHONPATH=os.pathsep.join([str(ROOT), str(tmp_path)]))  # fmt: skip
    assert done.returncode == 1
    assert "not rendered: face-1-00001: AssertionError" in done.stderr
    assert [p.name for p in sorted((tmp_path / "a").glob("*.png"))] == [
        "face-1-00000.png", "face-1-00002.png"]  # fmt: skip


def test_without_mitsuba_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "mitsuba.py").write_text("raise ImportError")
    path = os.pathsep.join([str(tmp_path), STAND_IN])
    done = bench("render", "--split", "face", "--count", 1, "--seed", 1, "--out", tmp_path / "a",
                 PYTHONPATH=path)  # fmt: skip
    assert done.returncode == 2
    assert "pip install 'sr-prior-bench[render]'" in done.stderr
    assert not (tmp_path / "a").exists()
