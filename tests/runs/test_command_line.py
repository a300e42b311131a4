"""The command line says what it took, and drops nothing without a word."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from bench.cli.progress import pace
from bench.core.csv_cells import guarded, unguarded
from bench.core.paths import PACKAGE
from tests.conftest import SUITE, write_pictures
from tests.support.commands import bench_here, rows

ODD = ("=1+1", "+cmd|' -C calc'!A0", "-x", "@sum")  # what a spreadsheet would compute
SHIPPED = PACKAGE.parent / "methods" / "weights" / "rendered"


@pytest.fixture(scope="module")
def measured_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over pictures with odd names."""
    folder = tmp_path_factory.mktemp("measured")
    for path, name in zip(write_pictures(folder / "data" / "face", len(ODD)), ODD, strict=True):
        path.rename(path.with_name(f"{name}.png"))
    (folder / "tiny.toml").write_text(SUITE)
    done = bench_here("run", "--suite", folder / "tiny.toml", "--data", folder / "data",
                 "--methods", "nearest", "--out", folder / "out",
                 BENCH_CACHE=str(folder / "cache"))  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "out"


@pytest.fixture
def measured(measured_once: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    return shutil.copytree(measured_once, tmp_path / "measured")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--methods", ""), "--methods: its value is empty"),
        (("run", "--methods="), "--methods: its value is empty"),
        (("run", "--metrics", " "), "--metrics: its value is empty"),
        (("run", "--data", ""), "--data: its value is empty"),
        (("run", "--out", ""), "--out: its value is empty"),
        (("info", ""), "an argument is empty"),
        (("report", ""), "an argument is empty"),
        (("run", "--methods", ","), "--methods ',' names none"),
        (("run", "--methods", "nearest,"), "--methods 'nearest,' lacks a name"),
        (("run", "--splits", "face,,cat"), "--splits 'face,,cat' lacks a name"),
        (("run", "--scale", ","), "--scale ',' names none"),
        (("check", "--metrics", ","), "--metrics ',' names none"),
        (("run", "--scale", "9" * 5000), "whole number"),
        (("run", "--device", "meta"), "Accepted: auto, cpu, cuda, cuda:N, mps"),
        (("run", "--device", "xla"), "Accepted: auto, cpu, cuda, cuda:N, mps"),
    ],
    ids=lambda value: " ".join(value)[:30],
)
def test_an_empty_or_unusable_value_is_a_mistake(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = bench_here(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert message in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", [("run", "--methods", "nearest", "--dry-run"), ("list",)])
def test_a_folder_of_weights_that_is_not_there_is_told(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    for name, what in (("nope", "no folder that is here"), ("file", "a file")):
        monkeypatch.setenv("BENCH_WEIGHTS", f"{tmp_path}{os.pathsep}{tmp_path / name}")
        done = bench_here(*command)
        assert done.returncode == 2, done.stdout
        assert f"BENCH_WEIGHTS names {tmp_path / name}, which is {what}" in done.stderr
    # What tells of the installation shows it; what may make the folder goes on.
    assert f"{tmp_path / 'file'}: no such folder" in bench_here("info").stdout
    assert bench_here("fetch", "--list").returncode == 0
    monkeypatch.delenv("BENCH_WEIGHTS")
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "file"))
    assert "is a file: name a folder" in bench_here(*command).stderr


def test_a_bank_that_is_none_is_told(tmp_path: Path) -> None:
    write_pictures(tmp_path / "data" / "face", 240, size=32)
    (tmp_path / "text.pth").write_text("no weights")
    (tmp_path / "folder.pth").mkdir()
    for bank, message in (
        (tmp_path / "none.pth", "No such file"),
        (tmp_path / "text.pth", "text.pth"),
        (tmp_path / "folder.pth", "folder.pth"),
        (SHIPPED / "rendered-face-srgan-x16-128.safetensors", "StyleGAN2"),
        (SHIPPED / "rendered-face-bank-128.safetensors", "makes pictures of 128 pixels"),
    ):
        done = bench_here("train", "glean", "--data", tmp_path / "data", "--split", "face",
                          "--bank", bank, "--scale", 8, "--out", tmp_path / "out")  # fmt: skip
        assert done.returncode == 2, done.stdout
        assert done.stderr.startswith("error: --bank")
        assert message in done.stderr
        assert str(bank) in done.stderr
        assert not (tmp_path / "out").exists()


def test_a_report_elsewhere_has_the_record_and_the_pictures(measured: Path, tmp_path: Path) -> None:
    out = tmp_path / "elsewhere"
    assert bench_here("report", measured, "--out", out).returncode == 0
    assert json.loads((out / "run.json").read_text()) == json.loads(
        (measured / "run.json").read_text()
    )

    def pictures(folder: Path) -> dict[str, bytes]:
        paths = (folder / "images").rglob("*.png")
        return {str(path.relative_to(folder)): path.read_bytes() for path in paths}

    assert len(pictures(out)) == 3 * len(ODD)  # truth, input and one method's
    assert pictures(out) == pictures(measured)
    assert (out / "rows.csv").read_bytes() == (measured / "rows.csv").read_bytes()
    scored = bench_here("rescore", out, "--metrics", "ssim")  # which needs both
    assert scored.stdout == f"ssim: {len(ODD)} rows scored\n"
    # A folder that has a run of its own stays as it is.
    refused = bench_here("report", out, "--out", measured)
    assert refused.returncode == 2
    assert "holds a run of its own" in refused.stderr


def test_rescore_tells_scores_that_it_kept_from_those_that_it_gave(measured: Path) -> None:
    (measured / "images" / "face" / ODD[0] / "nearest.png").unlink()
    done = bench_here("rescore", measured, "--metrics", "psnr_rgb_db")
    assert done.returncode == 0
    assert done.stdout == f"psnr_rgb_db: {len(ODD) - 1} rows scored\n"
    assert (
        f"1 kept the score that they had: images/face/{ODD[0]}/nearest.png is missing"
        in done.stderr
    )


def test_no_cell_is_a_formula_and_each_is_read_back(measured: Path, tmp_path: Path) -> None:
    cells = [row["image"] for row in rows(measured)]
    assert sorted(cells) == sorted(f"'{name}" for name in ODD)
    for path in measured.glob("*.csv"):
        with path.open(newline="") as file:
            for line in csv.reader(file):
                for cell in line:
                    assert not re.match(r"[=@]|[+-](?![\d.]|inf)", cell), (path, cell)
    # Without its store the folder is read from its tables, and written as it was.
    before = {path.name: path.read_bytes() for path in measured.glob("*.csv")}
    shutil.rmtree(measured / "store")
    assert bench_here("report", measured).returncode == 0
    assert {path.name: path.read_bytes() for path in measured.glob("*.csv")} == before


@pytest.mark.parametrize(
    "text",
    ["", "a", "'", "=", "'=1", "''=1", "-5", "'-5", "-5x", "+1e3", "@a", "\t", "a=b", "-inf"],
)
def test_a_guarded_cell_is_the_same_text_again(text: str) -> None:
    assert unguarded(str(guarded(text))) == text
    assert guarded(-5.0) == -5.0


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("paper", ["methods bicubic, esrgan, glean, pulse, mganprior", "cat: size 256, list cat100.txt"]),
        ("mini", ["weights_ship yes", "pulse: steps 150, tolerance 0.0007", "singan: steps 500"]),
        ("lpips_alex", ["weights lpips-alex", "modules lpips", "better lower"]),
        ("glean-face-16x", ["serves face 16x 1024 px"]),
        ("pulse", ["family latent optimisation"]),
        ("singan", ["family internal learning", "paper Shaham et al., ICCV 2019, arXiv 1905.01164"]),
    ],
)  # fmt: skip
def test_info_is_written_for_people(name: str, lines: list[str]) -> None:
    done = bench_here("info", name)
    told = "\n".join(" ".join(line.split()) for line in done.stdout.splitlines())
    for line in lines:
        assert line in told
    assert not re.search(r"[\[({]['\"]|Path\(|<\w+\.|: None|True|False", done.stdout)


@pytest.mark.parametrize(
    ("arguments", "guess"),
    [
        (("info", "lpipsalex"), "Did you mean 'lpips_alex' or 'lpips-alex'"),
        (("fetch", "glean-face-16"), "Did you mean 'glean-face-16x'"),
        (("check", "bicubc"), "Did you mean 'bicubic'?"),
        (("fetch", "zzz"), "more."),
    ],
)
def test_one_typo_is_told_in_a_line_or_two(arguments: tuple[str, ...], guess: str) -> None:
    done = bench_here(*arguments)
    assert done.returncode == 2
    assert guess in done.stderr
    assert len(done.stderr) < 300


def test_files_of_weights_have_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = {line.split()[0]: line for line in bench_here("fetch", "--list").stdout.splitlines()}
    assert "about 244 MB" in lines["lpips-alex-pytorch"]
    assert "about 553 MB" in lines["lpips-vgg-pytorch"]
    here = SHIPPED / "rendered-face-bank-128.safetensors"
    assert f"{here.stat().st_size / 1e6:.1f} MB" in lines["rendered-face-bank-128"]
    # Where no size is known of any file there is no column for it.
    alone = bench_here("fetch", "--list", "glean-face-16x").stdout
    assert alone.splitlines()[0].split() == ["name", "here", "kind", "serves", "licence"]


def test_the_time_that_is_left_is_each_method_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    class Cell:
        def __init__(self, method: str) -> None:
            self.key, self.scale = method, 16
            self.method = type("Method", (), {"label": method})
            self.split = type("Split", (), {"size": (128, 128)})

    now = 0.0
    monkeypatch.setattr(pace.time, "monotonic", lambda: now)
    fast, slow = Cell("bicubic"), Cell("pulse")
    found = pace.Pace.of([(fast, 100), (slow, 10)], workers=1)  # type: ignore[list-item]
    found.begin(fast)  # type: ignore[arg-type]
    told = []
    for seconds in (3.0, *[0.1] * 49):  # the first with what loading took
        now += seconds
        found.count(fast)  # type: ignore[arg-type]
        told.append(found.estimate())
    assert told[0] == (pytest.approx(99 * 3.0), ["pulse"])
    assert told[-1] == (pytest.approx(50 * 0.1), ["pulse"])  # at least: pulse has no pace yet
    found.left.update({("bicubic", 16, (128, 128)): -50})
    found.begin(slow)  # type: ignore[arg-type]
    for seconds in (32.0, 30.0, 30.0):
        now += seconds
        found.count(slow)  # type: ignore[arg-type]
    assert found.estimate() == (pytest.approx(7 * 30.0), [])


@pytest.mark.parametrize("command", ["compare", "rescore", "report"])
def test_help_shows_examples(command: str) -> None:
    done = bench_here(command, "--help")
    assert done.returncode == 0
    assert f"python -m bench {command} " in done.stdout


@pytest.mark.parametrize("command", [("compare",), ("rescore", "--metrics", "ssim"), ("report",)])
def test_a_folder_that_holds_no_results_is_told(command: tuple[str, ...], tmp_path: Path) -> None:
    folders = [tmp_path] * (2 if command[0] == "compare" else 1)
    done = bench_here(command[0], *folders, *command[1:])
    assert done.returncode == 2
    assert "holds no results" in done.stderr
    assert "Traceback" not in done.stderr
