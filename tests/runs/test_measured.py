"""What was measured is said: files, licences, pictures trained on, settings, and how to do it again."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bench.analysis.reproduction import ReproductionVerdict, literature_of
from bench.analysis.summary import summarise
from bench.report.conditions import commands
from bench.results.folder import load_results
from bench.results.measured import Measured, UsedFile, restored
from bench.results.merge import merge
from bench.weights.card import Card, Serves
from bench.weights.trained_on import trained_on_told
from methods.networks.rrdb import RRDBNet
from tests.conftest import SUITE, write_pictures
from tests.core.test_start import probed
from tests.support.commands import ROOT, bench_here
from tests.support.synthetic import HOSTILE, results

GAIN = ROOT / "tests" / "support" / "gain.py"
CARD = """
title = "Mine"
kind = "esrgan"
licence = "CC0-1.0"
trained_on = "seven drawings | by hand"
serves = [{ split = "face", scale = 4, size = 64 }]
"""


def network(path: Path, seed: int) -> Path:
    torch.manual_seed(seed)
    torch.save(RRDBNet(2, 8, 4, 1).state_dict(), path)
    return path


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[object]]:
    """A folder that two commands filled, with a known file, an unknown one, and settings."""
    root = tmp_path_factory.mktemp("measured")
    write_pictures(root / "data" / "face", 2)
    (root / "tiny.toml").write_text(SUITE)
    (root / "my zoo").mkdir()
    network(root / "my zoo" / "known.pth", 1)
    (root / "my zoo" / "known.toml").write_text(CARD)
    other = network(root / "other.pth", 2)
    out = root / "out"
    common = ["run", "--suite", root / "tiny.toml", "--data", root / "data", "--splits", "face",
              "--scale", 4, "--out", out]  # fmt: skip
    for more in (
        ("--methods", f"bicubic,{GAIN}:Gain", "--set", "Gain.gain=0.5"),
        ("--methods", "esrgan,esrgan@other", "--weights", f"esrgan@other={other}"),
    ):
        zoo, cache = str(root / "my zoo"), str(root / "cache")
        done = bench_here(*common, *more, BENCH_WEIGHTS=zoo, BENCH_CACHE=cache)
        assert done.returncode == 0, done.stderr
    return out, common


def test_files_and_settings_are_told_in_every_report(
    measured: tuple[Path, list[object]], tmp_path: Path
) -> None:
    out, _ = measured
    run = json.loads((out / "run.json").read_text())
    told = {entry["method"]: entry for entry in run["measured"]}
    assert set(told) == {"bicubic", "Gain", "esrgan", "esrgan@other"}
    (known,), (unknown,) = told["esrgan"]["files"], told["esrgan@other"]["files"]
    assert (known["file"], known["card"], known["licence"]) == ("known.pth", "known", "CC0-1.0")
    assert known["trained_on"] == "seven drawings | by hand"
    assert (unknown["file"], unknown["card"]) == ("other.pth", "")
    assert unknown["licence"] == unknown["trained_on"] == "not on record"
    assert told["Gain"]["settings"] == ["gain 0.5 (default 1)"]
    digest = known["sha256"]
    assert cells_of(out, "ESRGAN / ESRGAN+ ")[1:5] == [
        "face at 4x", "known.pth", digest[:12], "CC0-1.0"]  # fmt: skip
    page = (out / "report.html").read_text()
    assert f"<code>{digest[:12]}</code>" in page
    assert "seven drawings | by hand" in page
    text = bench_here("info", out).stdout
    assert f"{digest[:12]}  CC0-1.0" in text
    assert "torch" not in probed(["info", str(out)])[2]

    # A folder without its store says the same.
    shutil.copytree(out, tmp_path / "passed on", ignore=shutil.ignore_patterns("store"))
    assert bench_here("report", tmp_path / "passed on").returncode == 0
    assert load_results(tmp_path / "passed on").measured == load_results(out).measured
    assert cells_of(tmp_path / "passed on", "Gain ") == cells_of(out, "Gain ")


def cells_of(out: Path, title: str) -> list[str]:
    """The line of a method in the table of what was measured."""
    text = (out / "summary.md").read_text().partition("## What was measured")[2]
    line = next(line for line in text.splitlines() if line.startswith(f"| {title}"))
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def test_the_commands_make_it_again_from_a_clean_shell(
    measured: tuple[Path, list[object]], tmp_path: Path
) -> None:
    out, _ = measured
    root = out.parent
    told = commands(load_results(out))
    assert len(told) == 2
    assert f"BENCH_WEIGHTS={shlex.quote(str(root / 'my zoo'))}" in told[1]
    for text in ((out / "summary.md").read_text(), bench_here("info", out).stdout):
        assert all(command in text for command in told)
    clean = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "PYTHONPATH": str(ROOT),
             "BENCH_CACHE": os.environ["BENCH_CACHE"]}  # fmt: skip
    for command in told:
        done = subprocess.run(
            ["/bin/sh", "-c", f"{command} --dry-run"],
            capture_output=True, text=True, env=clean, cwd=tmp_path, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "0 images to restore or score" in done.stdout


def test_a_dry_run_names_the_files_of_each_cell(measured: tuple[Path, list[object]]) -> None:
    out, common = measured
    root = out.parent
    done = bench_here(*common, "--methods", "bicubic,esrgan,esrgan@b", "--weights",
                      f"esrgan@b={root}/other.pth", "--dry-run", BENCH_WEIGHTS=str(root / "my zoo"))  # fmt: skip
    weights = done.stdout.partition("Weights:\n")[2].partition("\n\n")[0].splitlines()
    assert len(weights) == 2
    assert weights[0].startswith(
        f"  esrgan on face at 4x: network: {root}/my zoo/known.pth (sha256 "
    )
    assert f"esrgan@b on face at 4x: network: {root}/other.pth" in weights[1]


def test_a_method_under_other_settings_or_weights_is_not_its_paper_s() -> None:
    made = results(["glean", "pulse", "esrgan"], ["face"], images=2)
    suite = {"name": "paper", "splits": {"face": {"size": 1024, "list": "celebahq100.txt"}}}
    operator = "downsample16-matlab-bicubic-u8#0"
    rows = tuple(replace(row, operator=operator) for row in made.rows)
    known = UsedFile("network", "a.pth", "0" * 64, card="glean-face-16x")
    measured = (
        Measured("glean", "face", 16, (known,)),
        Measured("pulse", "face", 16, (), ("steps 5 (paper 100)",)),
        Measured("esrgan", "face", 16, (replace(known, card=""),)),
    )
    made = replace(made, rows=rows, run={**made.run, "suite": suite}, measured=measured)
    figures = [
        f for found in literature_of(summarise(made), made) for f in found.figures if f.measured
    ]
    reasons = {figure.method: figure.reason for figure in figures}
    assert reasons["pulse"] == "settings: steps 5 (paper 100)"
    assert reasons["esrgan"] == "weights of the user's own: a.pth"
    assert "settings" not in reasons["glean"]
    assert {f.verdict for f in figures if f.method != "glean"} == {
        ReproductionVerdict.NOT_COMPARABLE
    }


def test_records_of_strangers_and_of_earlier_versions_are_passed_over() -> None:
    good = Measured("m", "face", 16, (UsedFile("a", "b", "c"),), ("x 1",), "paper")
    assert list(restored([good.entry, None, 7, {}, {**good.entry, "files": [{"no": 1}]}])) == [good]
    assert list(restored({"a": 1})) == []


def test_merged_runs_keep_what_they_measured() -> None:
    runs = {}
    for name, steps in (("a", "steps 1"), ("b", "steps 2")):
        made = results(["pulse"], ["face"], images=2 if name == "a" else 3)
        runs[Path(name)] = replace(
            made, measured=(Measured("pulse", "face", 16, settings=(steps,)),)
        )
    apart = merge(runs, keep_apart=True).results
    assert {(found.method, *found.settings) for found in apart.measured} == {
        ("pulse@a", "steps 1"), ("pulse@b", "steps 2")}  # fmt: skip
    assert list(restored(apart.run["measured"])) == list(apart.measured)


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ({"trained_on": "FFHQ"}, "FFHQ"),
        ({"settings": {"trained_on": 1200}}, "1,200 pictures of face"),
        ({"pictures": ("be79e7b34794.pictures", "0000.pictures")},
         "pictures of face: lists be79e7b34794 (2,600), 0000"),
        ({"settings": {"trained_on": HOSTILE}}, "not on record"),
        ({}, "not on record"),
    ],
)  # fmt: skip
def test_what_a_card_says_of_its_pictures(card: dict[str, object], told: str) -> None:
    base = {"name": "a", "title": "a", "kind": "a", "file": "a", "licence": "a",
            "serves": (Serves(split="face"),)}  # fmt: skip
    assert trained_on_told(Card(**{**base, **card})) == told
    assert trained_on_told(None) == "not on record"
