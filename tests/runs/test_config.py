"""Options from a file, and what the shell and the help know of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import bench as project
from bench.core.toml_text import option_text, toml, toml_value
from tests.core.test_start import probed
from tests.support.commands import ROOT, bench_here, rows

GAIN = ROOT / "tests" / "support" / "gain.py"


def test_every_run_leaves_a_file_that_asks_for_the_same(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2, "--methods",
                      f"nearest,{GAIN}:Gain@dark", "--set", "Gain@dark.gain=0.25", "--timeout", 60,
                      "--no-images-on-disk", "--out", out)  # fmt: skip
    assert done.returncode == 0, done.stderr
    config = tomllib.loads((out / "run.toml").read_text())
    assert config["methods"] == ["nearest", f"{GAIN}:Gain@dark"]
    assert config["set"] == {"Gain@dark": {"gain": 0.25}}
    assert (config["images"], config["timeout"], config["images-on-disk"]) == (2, 60.0, False)
    again = bench_here("run", "--config", out / "run.toml")
    assert again.returncode == 0, again.stderr
    assert "to go" not in again.stderr
    assert tomllib.loads((out / "run.toml").read_text()) == config

    # What the command line says counts instead, and stands in the record of the run.
    more = bench_here("run", "--config", out / "run.toml", "--images", 1, "--out", other)
    assert more.returncode == 0, more.stderr
    assert len(rows(other)) == 2
    assert rows(other)[1]["psnr_rgb_db"] == next(
        row["psnr_rgb_db"] for row in rows(out) if row["method"] == "Gain@dark")  # fmt: skip
    arguments = json.loads((other / "run.json").read_text())["arguments"]
    assert "--config" not in arguments
    repeated = bench_here(*arguments, "--dry-run")
    assert "0 images to restore or score" in repeated.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("methodz = ['nearest']", "unknown option in {path} 'methodz'. Did you mean 'methods'"),
        ("config = 'other.toml'", "unknown option in {path} 'config'"),
        ("images = [1]", "{path}: images = [1], expected a text or a number"),
        ("images = 'many'", "--images"),
        ("images = 0", "--images"),
        ("fresh = 'yes'", "{path}: fresh = 'yes', expected true or false"),
        ("suite = true", "{path}: suite = True, expected a text or a number"),
        ("suite = ''", "{path}: suite = '', expected a text or a number"),
        ("methods = [[]]", "{path}: methods = [], expected"),
        ("set = { pulse = 3 }", "{path}: set.pulse = 3, expected a table of tables"),
        ("set = 3", "{path}: set = 3, expected a table of tables"),
        ("weights = ['a']", "{path}: weights = ['a'], expected a table of files"),
        ("weights = { esrgan = 'none.pth' }", "there is no file none.pth"),
        ("methods = 'pulse'\nset = { pulse = { stepz = 3 } }", "unknown name 'stepz'"),
        ("methods = ", "{path} is not valid TOML"),
    ],
)  # fmt: skip
def test_mistakes_in_the_file_are_told(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    done = bench_here("run", "--config", path, "--dry-run")
    assert done.returncode == 2, done.stdout
    assert message.format(path=path) in done.stderr
    assert "Traceback" not in done.stderr


def test_lists_and_single_names_are_taken_alike(data: Path, suite: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    head = f"suite = {str(suite)!r}\ndata = {str(data)!r}\nsplits = 'face'\n"
    grids = []
    for lines in ("methods = 'nearest,bicubic'\nscale = '8,16'", "methods = ['nearest', 'bicubic']\nscale = [8, 16]"):  # fmt: skip
        path.write_text(head + lines)
        done = bench_here("run", "--config", path, "--dry-run")
        assert done.returncode == 0, done.stderr
        grids.append(done.stdout)
    assert grids[0] == grids[1]
    assert "face 8x" in grids[0]


@pytest.mark.parametrize(
    "value",
    [1, 1.5, True, "a", "1", "true", "a\nb", 'q"\\', "é\x7f", [1, "a"], {"a.b": {"c": 1.0}}, 1e-5],
)
def test_values_of_settings_are_read_back(value: object) -> None:
    assert toml_value(option_text(value)) == value
    assert tomllib.loads(toml({"key": value, "a@b": value, "none": None})) == {
        "key": value,
        "a@b": value,
    }


def test_the_version_is_told() -> None:
    done = bench_here("--version")
    assert (done.returncode, done.stdout) == (0, f"bench {project.__version__}\n")


def test_help_has_its_options_in_groups() -> None:
    text = bench_here("run", "--help").stdout
    places = [text.index(title) for title in (
        "What to compare:", "--methods", "Settings and weights of methods:", "--set", "--config",
        "How to run:", "--device", "Results:", "--out", "Other options:", "--help", "Examples:")]  # fmt: skip
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("run --methods bicubic,gle", ["bicubic,glean", "bicubic,glean-coarse", "bicubic,glean-latents", "bicubic,glean-light"]),
        ("run --metrics lpips_", ["lpips_alex", "lpips_vgg"]),
        ("run --splits face,c", ["face,cat", "face,car"]),
        ("run --suite m", ["mini"]),
        ("run --set mganprior.co", ["mganprior.composing_layer=", "mganprior.codes="]),
        ("run --weights srg", ["srgan="]),
        ("info pap", ["paper"]),
        ("check bicu", ["bicubic"]),
        ("fetch pulse-", ["pulse-gaussian-fit"]),
        ("run --prec", ["--precision"]),
    ],
)  # fmt: skip
def test_a_shell_completes_names(
    words: str, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMP_WORDS", f"bench {words}")
    monkeypatch.setenv("COMP_CWORD", str(len(words.split())))
    done = bench_here(_BENCH_COMPLETE="complete_bash")
    assert sorted(done.stdout.split()) == sorted(found), done.stderr


def test_completing_imports_nothing_heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_BENCH_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "bench run --set pulse.")
    monkeypatch.setenv("COMP_CWORD", "3")
    assert probed([])[2] == []


def test_completion_is_installed_for_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--install-completion", "bash"],
        capture_output=True, text=True, cwd=ROOT, check=False,
        env={**os.environ, "HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    scripts = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert any("_BENCH_COMPLETE=complete_bash" in script for script in scripts)
    assert "complete -o default -F _bench_completion bench" in "".join(scripts)
