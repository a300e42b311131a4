"""compare, rescore and report through the entry point, on runs as `run` leaves them."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.analysis.comparison import compare
from bench.cli import main
from bench.core.errors import BenchError
from bench.core.rows import RowState
from bench.operators import Downsample, operator_of
from bench.results.merge import merge
from tests.conftest import SUITE, picture, write_pictures
from tests.runs.test_run import BAD, rows
from tests.runs.test_run import bench as in_a_process
from tests.support.synthetic import HOSTILE, results


def bench(*arguments: object) -> subprocess.CompletedProcess[str]:
    """`python -m bench ARGUMENTS` by its entry point, without a process for each."""
    command = ["bench", *map(str, arguments)]
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr("sys.argv", command)
        try:
            main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
    return subprocess.CompletedProcess(command, status, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs over the same pictures, shared by the tests of this file, which change copies."""
    root = tmp_path_factory.mktemp("runs")
    for split in ("face", "cat"):
        write_pictures(root / "data" / split, 7)
    (root / "tiny.toml").write_text(SUITE)
    cache = str(root / "cache")
    for name, methods, more in (
        ("first", "nearest,bicubic", ()),
        ("second", f"bicubic,lanczos,{BAD}:Random", ("--seeds", 2)),
    ):
        done = in_a_process("run", "--suite", root / "tiny.toml", "--data", root / "data", "--methods",
                     methods, *more, "--out", root / name, BENCH_CACHE=cache)  # fmt: skip
        assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def runs(folder: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The two runs, to be changed at will."""
    for name in ("first", "second"):
        shutil.copytree(folder / name, tmp_path / name)
    return tmp_path / "first", tmp_path / "second"


def edited(out: Path, change: tuple[str, str]) -> None:
    """The folder as a report without its store, `rows.csv` changed by a stranger."""
    shutil.rmtree(out / "store", ignore_errors=True)
    text = (out / "rows.csv").read_text()
    assert change[0] in text
    (out / "rows.csv").write_text(text.replace(*change))


def test_compare_pairs_what_two_runs_have_in_common(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    done = bench("compare", *runs, "--csv", "--out", tmp_path / "both")
    assert done.returncode == 0, done.stderr
    entries = list(csv.DictReader(done.stdout.splitlines()))
    assert [(e["method"], e["split"], e["metric"]) for e in entries] == [
        ("bicubic", split, metric)
        for split in ("face", "cat")
        for metric in ("psnr_rgb_db", "lr_psnr_db")
    ]
    for entry in entries:
        assert (entry["n_common"], entry["mean_difference"], entry["ties"]) == ("7", "0", "7")
        assert (entry["p_holm"], entry["told_apart"], entry["refusal"]) == ("1", "False", "")
    assert (tmp_path / "both" / "compare.csv").read_text() == done.stdout
    text = (tmp_path / "both" / "compare.md").read_text()
    assert "nearest on face at 16x: in the first run only" in text
    plain = bench("compare", *runs)
    assert "bicubic" in plain.stdout
    assert "0.00 [0.00, 0.00]" in plain.stdout


def test_compare_finds_a_true_difference_and_its_direction() -> None:
    before = results(["glean"], ["face"], images=12)
    better = tuple(
        replace(r, metrics={**r.metrics, "psnr_rgb_db": r.metrics["psnr_rgb_db"] + 1})
        for r in before.rows
    )
    found = compare(before, replace(before, rows=better)).compared
    by_metric = {entry.metric.column: entry for entry in found if entry.metric}
    psnr, lpips = by_metric["psnr_rgb_db"], by_metric["lpips_alex"]
    assert psnr.difference is not None
    assert lpips.difference is not None
    assert psnr.difference.mean == pytest.approx(1)
    assert (psnr.difference.wins, psnr.is_told_apart) == (12, True)
    assert (lpips.difference.mean, lpips.is_told_apart) == (0, False)


def test_compare_refuses_other_operators_protocols_and_pictures(runs: tuple[Path, Path]) -> None:
    first, second = runs
    operator = rows(second)[0]["operator"]
    edited(second, (operator, "downsample16-area-u8#0123456789ab"))
    done = bench("compare", first, second)
    assert done.returncode == 4
    assert "operators differ" in done.stdout
    assert "Nothing that was measured in both runs can be compared." in done.stdout

    shutil.rmtree(second)
    shutil.copytree(first, second)
    shutil.rmtree(second / "store")
    run = json.loads((second / "run.json").read_text())
    run["metrics"]["psnr_rgb_db"]["protocol"] = "psnr/y/crop16"
    (second / "run.json").write_text(json.dumps(run))
    done = bench("compare", first, second, "--csv")
    assert done.returncode == 0
    entries = list(csv.DictReader(done.stdout.splitlines()))
    refused = [entry for entry in entries if entry["metric"] == "psnr_rgb_db"]
    assert all("protocols differ" in e["refusal"] and not e["mean_difference"] for e in refused)
    assert all(e["mean_difference"] == "0" for e in entries if e["metric"] == "lr_psnr_db")

    for i in range(7):
        run["splits"]["face"]["images"][f"{i:03d}"] = (
            "f" * 64 if i < 2 else run["splits"]["face"]["images"][f"{i:03d}"]
        )
    (second / "run.json").write_text(json.dumps(run))
    done = bench("compare", first, second, "--csv")
    (entry,) = (
        e
        for e in csv.DictReader(done.stdout.splitlines())
        if (e["method"], e["split"], e["metric"]) == ("nearest", "face", "lr_psnr_db")
    )
    assert entry["n_common"] == "5"
    assert "2 images of the same name are other pictures" in bench("compare", first, second).stdout
    run["splits"]["face"]["images"] = {f"{i:03d}": "f" * 64 for i in range(7)}
    (second / "run.json").write_text(json.dumps(run))
    assert "the pictures differ" in bench("compare", first, second).stdout


def test_compare_says_under_which_circumstances_a_method_ran() -> None:
    before = results(["glean"], ["face"], images=6)
    cells = [{"title": "glean on face at 16x", "settings": {"steps": 50}, "weights": {"g": "1"}}]
    old = replace(before, run={**before.run, "cells": cells})
    new = replace(before, run={"cells": [{**cells[0], "settings": {"steps": 100}}]})
    notes = compare(old, new).notes
    assert "glean on face at 16x: settings differ: steps 50 -> 100" in notes
    assert not any("weights" in note for note in notes)


def test_compare_shows_hostile_text_as_text(runs: tuple[Path, Path]) -> None:
    first, second = runs
    name = HOSTILE.replace('"', "").replace("\n", "") + "\x1b[2J"
    for out in runs:
        edited(out, ("bicubic,", f"{name},"))
    done = bench("compare", first, second, "--out", second / "c")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "<script>" in done.stdout
    text = (second / "c" / "compare.md").read_text()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_rescore_gives_the_scores_that_a_run_gives(folder: Path, runs: tuple[Path, Path]) -> None:
    first, _ = runs
    before = rows(first)
    whole = folder / "with-ssim"
    if not whole.exists():
        suite = folder / "ssim.toml"
        suite.write_text(SUITE.replace('"lr_psnr_db"]', '"lr_psnr_db", "ssim"]'))
        done = bench("run", "--suite", suite, "--data", folder / "data", "--methods",
                     "nearest,bicubic", "--out", whole)  # fmt: skip
        assert done.returncode == 0, done.stderr
    shutil.rmtree(first / "plots")
    done = bench("rescore", first, "--metrics", "ssim,psnr_rgb_db")
    assert done.returncode == 0, done.stderr
    assert "ssim: 28 rows scored" in done.stdout
    after = rows(first)
    wanted = {(r["method"], r["split"], r["image"]): r["ssim"] for r in rows(whole)}
    assert {(r["method"], r["split"], r["image"]): r["ssim"] for r in after} == wanted
    # What was there before is as it was, to the last digit, the same metric scored again included.
    assert [{k: r[k] for k in before[0]} for r in after] == before
    assert "ssim_mean" in (first / "summary.csv").read_text()
    assert (first / "plots" / "quality-by-split.png").exists()
    assert "ssim" in json.loads((first / "run.json").read_text())["metrics"]
    # A run that resumes finds nothing to do: the scores are on record as its own would be.
    done = bench("run", "--suite", folder / "ssim.toml", "--data", folder / "data", "--methods",
                 "nearest,bicubic", "--out", first)  # fmt: skip
    assert done.returncode == 0
    assert "to go" not in done.stderr
    # Without its store the folder is rescored from its rows, to the same numbers.
    shutil.rmtree(first / "store")
    assert bench("rescore", first, "--metrics", "ssim").returncode == 0
    assert rows(first) == after


def test_a_run_with_other_metrics_leaves_what_rescore_added(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    few = folder / "few.toml"
    few.write_text(SUITE.replace(', "lr_psnr_db"]', "]"))
    run = ("--data", folder / "data", "--splits", "face", "--images", 2, "--methods", "nearest",
           "--out", out)  # fmt: skip
    assert in_a_process("run", "--suite", few, *run).returncode == 0
    assert bench("rescore", out, "--metrics", "ssim").returncode == 0
    before = rows(out)
    more = in_a_process("run", "--suite", folder / "tiny.toml", *run)  # scores LR PSNR too
    assert more.returncode == 0, more.stderr
    after = rows(out)
    assert [row["ssim"] for row in after] == [row["ssim"] for row in before]
    assert all(row["ssim"] and row["lr_psnr_db"] for row in after)


def test_rescore_tells_why_a_row_has_no_score(runs: tuple[Path, Path]) -> None:
    first, _ = runs
    images = first / "images" / "face"
    (images / "001" / "nearest.png").unlink()
    shutil.rmtree(images / "002")
    wrong = Image.fromarray(picture(99, 4))
    (images / "003" / "input.png").unlink()
    wrong.save(images / "003" / "input.png")
    (images / "004" / "nearest.png").unlink()
    shutil.copy(images / "004" / "bicubic.png", images / "004" / "nearest.png")
    done = bench("rescore", first, "--metrics", "ssim,psnr_rgb_db")
    assert done.returncode == 1, done.stderr
    assert "images/face/001/nearest.png is missing" in done.stderr
    notes = {(r["method"], r["image"]): r["notes"] for r in rows(first) if r["split"] == "face"}
    assert "images/face/001/nearest.png is missing" in notes["nearest", "001"]
    assert "images/face/002 holds no truth" in notes["bicubic", "002"]
    assert "input.png was not made by downsample16" in notes["nearest", "003"]
    assert "is not the picture that the row was scored on" in notes["nearest", "004"]
    assert notes["bicubic", "001"] == ""
    # A score under the same protocol stays; there is no new one to put in its place.
    assert all(row["psnr_rgb_db"] for row in rows(first))
    assert [r["ssim"] == "" for r in rows(first)].count(True) == 1 + 2 + 2 + 1
    shutil.rmtree(first / "images")
    assert bench("rescore", first, "--metrics", "ssim").returncode == 1


def test_rescore_takes_metrics_of_third_parties(runs: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text(
        "from bench.metrics.base import Metric\n"
        "from bench.metrics.facts import Direction, MetricFacts, Role\n"
        "class Error(Metric):\n"
        "    facts = MetricFacts('l1', 'L1', Direction.LOWER, '', 'rgb/L1',\n"
        "                        role=Role.PERCEPTION, perfect=0.0, margin=0.01, short='L1')\n"
        "    def score(self, sample):\n"
        "        return (sample.restored - sample.truth).abs().mean((1, 2, 3)).tolist()\n"
    )
    done = bench("rescore", runs[0], "--metrics", f"{path}:Error")
    assert done.returncode == 0, done.stderr
    first, *_ = rows(runs[0])
    images = runs[0] / "images" / first["split"] / first["image"]
    truth, restored = (
        np.asarray(Image.open(images / name), dtype=np.float64)
        for name in ("truth.png", f"{first['method']}.png")
    )
    assert float(first["l1"]) == pytest.approx(np.abs(truth - restored).mean() / 255, rel=1e-5)
    assert "L1 ↓" in (runs[0] / "summary.md").read_text()
    # What it states of itself leads the table, with the store and, passed on, without.
    recorded = json.loads((runs[0] / "run.json").read_text())["metrics"]["l1"]
    assert recorded.items() >= {"role": "perception", "perfect": 0.0, "margin": 0.01}.items()
    shutil.rmtree(runs[0] / "store")
    assert bench("report", runs[0]).returncode == 0
    assert "Best first by L1;" in (runs[0] / "summary.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--metrics", "sim"), "Did you mean 'ssim'"),
        (("--metrics", "lpips_vgg"), "lpips_vgg cannot be computed here"),
        (("--metrics", ","), "names none"),
        (("--metrics", "ssim", "--metric"), "No such option"),
    ],
)
def test_rescore_tells_mistakes(
    arguments: tuple[str, ...], message: str, runs: tuple[Path, Path]
) -> None:
    done = bench("rescore", runs[0], *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_no_row_of_a_stranger_leads_out_of_the_folder(runs: tuple[Path, Path]) -> None:
    first, _ = runs
    secret = first.parent / "nearest.png"
    shutil.copy(first / "images" / "face" / "000" / "nearest.png", secret)
    edited(first, ("nearest,face,000,", "../../../../nearest,face,000,"))
    done = bench("rescore", first, "--metrics", "ssim")
    assert done.returncode == 1
    assert "cannot be names of files" in done.stderr
    out = first.parent / "merged"
    assert bench("report", first, runs[1], "--keep-apart", "--out", out).returncode == 0
    assert not (first.parent / "nearest@first.png").exists()


def test_report_rebuilds_everything_from_the_rows_alone(runs: tuple[Path, Path]) -> None:
    first, _ = runs
    before = {
        name: (first / name).read_bytes() for name in ("rows.csv", "summary.csv", "pairs.csv")
    }
    for name in ("summary.csv", "summary.md", "summary.tex", "pairs.csv", "report.html"):
        (first / name).unlink()
    shutil.rmtree(first / "plots")
    moved = first.rename(first.parent / "from another machine")
    done = bench("report", moved)
    assert done.returncode == 0, done.stderr
    assert {name: (moved / name).read_bytes() for name in before} == before
    assert (moved / "report.html").exists()
    shutil.rmtree(moved / "store")
    (moved / "summary.md").unlink()
    elsewhere = moved.parent / "elsewhere"
    assert bench("report", moved, "--out", elsewhere).returncode == 0
    assert (elsewhere / "summary.md").exists()
    assert not (moved / "summary.md").exists()
    assert (elsewhere / "rows.csv").read_bytes() == before["rows.csv"]


def test_report_of_several_runs_refuses_conflicts_and_keeps_them_apart(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "both"
    done = bench("report", *runs)
    assert done.returncode == 2
    assert "add --out DIR" in done.stderr
    done = bench("report", *runs, "--out", out)  # bicubic took another time in each
    assert done.returncode == 2
    assert "'bicubic' on 'face' at 16x in" in done.stderr
    assert "--keep-apart" in done.stderr
    assert not out.exists()
    done = bench("report", *runs, "--keep-apart", "--out", out)
    assert done.returncode == 0, done.stderr
    found = rows(out)
    assert {r["method"] for r in found} == {
        "nearest", "bicubic@first", "bicubic@second", "lanczos", "Random"}  # fmt: skip
    assert len(found) == len(rows(runs[0])) + len(rows(runs[1]))
    shown = {p.name for p in (out / "images" / "face" / "000").iterdir()}
    assert shown == {"truth.png", "input.png", "nearest.png", "bicubic@first.png",
                     "bicubic@second.png", "lanczos.png", "Random.png", "Random.seed1.png"}  # fmt: skip
    assert "merged from first, second" in (out / "summary.md").read_text()
    # What was merged is a results folder of its own.
    assert bench("rescore", out, "--metrics", "ssim").returncode == 0


def test_a_copy_of_a_run_adds_nothing(runs: tuple[Path, Path], tmp_path: Path) -> None:
    first, _ = runs
    shutil.copytree(first, tmp_path / "copy")
    done = bench("report", first, tmp_path / "copy", "--out", tmp_path / "both")
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "both") == rows(first)


def test_runs_over_other_pictures_or_protocols_do_not_merge() -> None:
    made = results(["glean"], ["face"], 2)
    named = replace(made, pictures={"face": {"000": "a", "001": "b"}})
    other = replace(results(["pulse"], ["face"], 2), pictures={"face": {"000": "a", "001": "c"}})
    with pytest.raises(BenchError, match="'001' is another picture in two"):
        merge({Path("one"): named, Path("two"): other})
    metrics = (replace(made.metrics[0], protocol="psnr/y"), *made.metrics[1:])
    with pytest.raises(BenchError, match="psnr_rgb_db is 'psnr/rgb/uint8' in one"):
        merge({Path("one"): made, Path("two"): replace(other, metrics=metrics, pictures={})})


def test_a_row_that_could_not_be_tried_gives_way_to_one_that_was(tmp_path: Path) -> None:
    made = results(["glean"], ["face"], 2)
    bare = replace(made, rows=tuple(
        replace(r, state=RowState.UNAVAILABLE, reason="no weights", metrics={}, latency_s=None) for r in made.rows
    ))  # fmt: skip
    merged = merge({tmp_path / "a": bare, tmp_path / "b": made})
    assert merged.results.rows == made.rows
    assert [source.run.name for source in merged.sources] == ["b", "b"]


def test_operators_are_known_by_the_name_that_rows_give_them() -> None:
    for kernel in ("matlab-bicubic", "area"):
        assert operator_of(Downsample(16, kernel).column) == Downsample(16, kernel)
    for column in ("blur#123", "downsample16-matlab-bicubic-u8#000000000000",
                   "downsample0-area-u8#0", "downsample16-../x-u8#0", ""):  # fmt: skip
        with pytest.raises(BenchError):
            operator_of(column)


@pytest.mark.parametrize("command", ["compare", "rescore", "report"])
def test_help_shows_examples(command: str) -> None:
    done = bench(command, "--help")
    assert done.returncode == 0
    assert f"python -m bench {command} " in done.stdout


@pytest.mark.parametrize("command", [("compare",), ("rescore", "--metrics", "ssim"), ("report",)])
def test_a_folder_that_holds_no_results_is_told(command: tuple[str, ...], tmp_path: Path) -> None:
    folders = [tmp_path] * (2 if command[0] == "compare" else 1)
    done = bench(command[0], *folders, *command[1:])
    assert done.returncode == 2
    assert "holds no results" in done.stderr
    assert "Traceback" not in done.stderr
