"""Variants: one method several times in one run, each under a name of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from bench.analysis.reproduction import ReproductionVerdict, literature_of
from bench.analysis.summary import summarise
from bench.core.errors import BenchError
from bench.report.page.failures import reproduction
from bench.report.style import styles
from bench.results.folder import load_results
from bench.results.merge import merge
from methods.networks.rrdb import RRDBNet
from methods.registry import resolve
from methods.variants import variant_of
from tests.support.commands import BAD, ROOT, bench_here, rows
from tests.support.synthetic import results

GAIN = ROOT / "tests" / "support" / "gain.py"
PSNR = "psnr_rgb_db"


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("pulse", ("pulse", "")),
        ("pulse@long", ("pulse", "long")),
        ("a@b/mine.py:Mine", ("a@b/mine.py:Mine", "")),
        ("a@b/mine.py:Mine@long", ("a@b/mine.py:Mine", "long")),
        ("spandrel:net.pth@2x", ("spandrel:net.pth", "2x")),
        ("spandrel:a@b/net.pth", ("spandrel:a@b/net.pth", "")),
    ],
)
def test_a_variant_is_what_follows_the_method(spec: str, found: tuple[str, str]) -> None:
    assert variant_of(spec) == found


def test_an_at_in_the_name_of_a_file_that_is_there_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "net@2x").write_bytes(b"x")
    assert variant_of(f"spandrel:{tmp_path}/net@2x") == (f"spandrel:{tmp_path}/net@2x", "")


@pytest.mark.parametrize(
    "name", ["", "../up", "a.b", "a b", "é", "-a", "a" * 33, "a@b", "a=b", "<b>"]
)
def test_a_name_that_breaks_the_rule_is_refused_with_it(name: str) -> None:
    for method in ("pulse", f"{GAIN}:Gain"):
        with pytest.raises(BenchError, match="the name after @ has 1 to 32 letters"):
            variant_of(f"{method}@{name}")


def test_a_variant_has_a_label_a_title_and_a_colour_of_its_own() -> None:
    facts = resolve("pulse@long")
    assert (facts.label, facts.called, facts.spec) == ("pulse@long",) * 3
    assert (facts.name, facts.title) == ("pulse", "PULSE, long")
    of_file = resolve(f"{GAIN}:Gain@dark")
    assert (of_file.called, of_file.spec) == ("Gain@dark", f"{GAIN}:Gain@dark")
    looks = styles(["pulse", "pulse@long", "pulse@short"])
    assert len({look.colour for look in looks.values()}) == 3


@pytest.fixture
def measured(data: Path, suite: Path, tmp_path: Path) -> tuple[object, ...]:
    """A command with two variants of a method and the plain one, run once."""
    common = ("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
              "--out", tmp_path / "out")  # fmt: skip
    done = bench_here(*common, "--methods", f"nearest,{GAIN}:Gain,{GAIN}:Gain@dark,{GAIN}:Gain@half",
                      "--set", "Gain@dark.gain=0.2", "--set", "Gain@half.gain=0.5")  # fmt: skip
    assert done.returncode == 0, done.stderr
    return common


def test_variants_stand_everywhere_beside_the_plain_method(
    measured: tuple[object, ...], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    scores = {row["method"]: row[PSNR] for row in rows(out) if row["image"] == "000"}
    assert set(scores) == {"nearest", "Gain", "Gain@dark", "Gain@half"}
    assert len(set(scores.values())) == 3  # a gain of 1 is nearest
    pictures = {path.name for path in (out / "images" / "face" / "000").iterdir()}
    assert {"Gain.png", "Gain@dark.png", "Gain@half.png"} <= pictures
    cells = {cell["title"]: cell for cell in json.loads((out / "run.json").read_text())["cells"]}
    assert cells["Gain@dark on face at 16x"]["settings"] == {"gain": 0.2}
    assert load_results(out).titles["Gain@dark"] == "Gain, dark"
    for name in ("summary.md", "report.html", "summary.csv", "pairs.csv"):
        assert "Gain@dark" in (out / name).read_text()

    # Another name for the same thing is measured already; so is the command itself.
    both = ("--methods", f"{GAIN}:Gain@dark,{GAIN}:Gain@dim", "--set", "Gain@dark.gain=0.2", "--set", "Gain@dim.gain=0.20")  # fmt: skip
    refused = bench_here(*measured, *both)
    assert "Gain@dark and Gain@dim are the same method" in refused.stderr
    again = bench_here(*measured, "--methods", f"{GAIN}:Gain@dim", "--set", "Gain@dim.gain=0.2")
    assert again.returncode == 0, again.stderr
    assert "to go" not in again.stderr
    assert {row[PSNR] for row in rows(out) if row["method"] == "Gain@dim" and row["image"] == "000"} == {
        scores["Gain@dark"]}  # fmt: skip
    assert bench_here("rescore", out, "--metrics", "ssim").returncode == 0
    assert all(row["ssim"] for row in rows(out))
    compared = bench_here("compare", out, out)
    assert "Gain@dark" in compared.stdout
    elsewhere = bench_here("report", out, "--out", tmp_path / "elsewhere")
    assert elsewhere.returncode == 0, elsewhere.stderr
    assert "Gain@dark" in {row["method"] for row in rows(tmp_path / "elsewhere")}


def test_one_name_means_one_thing_in_a_folder(measured: tuple[object, ...], tmp_path: Path) -> None:
    before = rows(tmp_path / "out")
    for asked, told in (
        ((f"{GAIN}:Gain", "--set", "Gain.gain=0.7"), "Gain stands in"),
        ((f"{GAIN}:Gain@dark", "--set", "Gain@dark.gain=0.7"), "with gain 0.2, not 0.7"),
        ((f"{GAIN}:Gain@half",), "with gain 0.5, not 1.0"),
        ((f"{GAIN}:Gain@half", "--dry-run"), "another folder with --out; --fresh measures"),
    ):
        done = bench_here(*measured, "--methods", *asked)
        assert done.returncode == 2, done.stdout
        assert told in done.stderr
        assert f"--methods {GAIN}:Gain@NAME with --set Gain@NAME.SETTING=VALUE" in done.stderr
    assert rows(tmp_path / "out") == before
    meant = bench_here(*measured, "--methods", f"{GAIN}:Gain@half", "--fresh")
    assert meant.returncode == 0, meant.stderr
    assert {row[PSNR] for row in rows(tmp_path / "out") if row["method"] == "Gain@half"} == {
        row[PSNR] for row in before if row["method"] == "Gain"}  # fmt: skip


def test_what_is_the_same_under_two_names_is_measured_once(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2, "--dry-run",
                      "--methods", f"{GAIN}:Gain,{GAIN}:Gain@one", "--set", "Gain@one.gain=1.0",
                      "--out", tmp_path / "out")  # fmt: skip
    assert done.stdout.count("2 to do") == 2
    assert "\n2 images to restore or score" in done.stdout


def test_files_of_one_method_are_variants(data: Path, suite: Path, tmp_path: Path) -> None:
    for seed, name in enumerate(("a", "b")):
        torch.manual_seed(seed)
        torch.save(RRDBNet(2, 8, 4, 1).state_dict(), tmp_path / f"{name}.pth")
    command = ("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 1, "--scale", 4,
               "--out", tmp_path / "out")  # fmt: skip
    done = bench_here(*command, "--methods", "esrgan,esrgan@b", "--weights",
                      f"esrgan={tmp_path}/a.pth", "--weights", f"esrgan@b={tmp_path}/b.pth")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len({row[PSNR] for row in rows(tmp_path / "out")}) == 2
    swapped = bench_here(*command, "--methods", "esrgan", "--weights", f"esrgan={tmp_path}/b.pth")
    assert swapped.returncode == 2
    assert "with the weights a.pth (" in swapped.stderr
    # A file that was trained further in its place is the same choice, and measured anew.
    (tmp_path / "a.pth").write_bytes((tmp_path / "b.pth").read_bytes())
    further = bench_here(*command, "--methods", "esrgan", "--weights", f"esrgan={tmp_path}/a.pth")
    assert further.returncode == 0, further.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nearest,nearest",), "names 'nearest' 2 times; once more with settings"),
        (("pulse,pulse@long",), "pulse and pulse@long are the same method with the same settings"),
        (("pulse@a,pulse@b", "--set", "pulse.steps=3"), "unknown method 'pulse'"),
        (("pulse@a,bicubic", "--set", "pulse@b.steps=3"), "Did you mean 'pulse@a'"),
        (("pulse@a", "--set", "pulse@a.stepz=3"), "settings of pulse@a: unknown name 'stepz'"),
        (("pulze@a",), "unknown method 'pulze'. Did you mean 'pulse'"),
    ],
)
def test_mistakes_with_variants_are_told(arguments: tuple[str, ...], message: str) -> None:
    done = bench_here("run", "--dry-run", "--methods", *arguments)
    assert done.returncode == 2, done.stdout
    assert message in done.stderr


def test_a_command_that_fails_again_has_the_options_of_its_method_alone() -> None:
    made = results(["pulse", "pulse@long"], ["face"], images=1)
    run = {**made.run, "arguments": [
        "run", "--methods", f"pulse,pulse@long,{BAD}:Raises", "--set", "pulse.steps=2",
        "--set=pulse@long.steps=4", "--weights", "pulse@long=a.pth", "--weights=pulse=b.pth"]}  # fmt: skip
    told = reproduction(made.rows[-1], run)
    assert told == (
        "python -m bench run --set pulse@long.steps=4 --weights pulse@long=a.pth "
        "--methods pulse@long --splits face --scale 16 --retry"
    )


def test_runs_kept_apart_take_no_variant_s_name() -> None:
    first = results(["glean", "glean@b"], ["face"], images=2)
    second = results(["glean"], ["face"], images=3)
    apart = merge({Path("a"): first, Path("b"): second}, keep_apart=True).results
    assert {row.method for row in apart.rows} == {"glean@a", "glean@b.run", "glean@b"}
    assert sum(row.method == "glean@b" for row in apart.rows) == 2


def test_a_variant_is_not_the_method_of_a_paper() -> None:
    made = results(["glean@mine", "bicubic"], ["face"], images=2)
    figures = [f for found in literature_of(summarise(made), made) for f in found.figures]
    of_glean = [figure for figure in figures if figure.method == "glean"]
    assert of_glean
    assert {figure.verdict for figure in of_glean} == {ReproductionVerdict.NOT_RUN}
