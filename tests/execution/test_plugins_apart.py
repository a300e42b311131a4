"""Whatever a method or a metric does, it costs its own rows or scores, and is told in words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import psutil
import pytest

from tests.support.commands import ROOT, bench_here, rows

DAMAGING = ROOT / "tests" / "support" / "damaging.py"


def specs(*names: str) -> str:
    return ",".join(f"{DAMAGING}:{name}" for name in names)


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The row of each method on one picture, scored by every metric."""
    folder = tmp_path_factory.mktemp("damaged")
    from tests.conftest import SUITE, write_pictures

    (folder / "tiny.toml").write_text(SUITE)
    write_pictures(folder / "data" / "face", 1)
    methods = specs(
        "WritesIntoY", "SetsGlobals", "DrawsGlobally", "To255", "Bytes", "Signed", "Overshoots",
        "BareTensor", "NumpyImages", "Nothing", "NumpyNumbers", "Exits", "ExitsInSetup",
        "SpeechlessError", "SkipsWithTrue", "FailsToAnswer", "NoRestore", "SignedAndNoted", "Noted",
        "NotedInNumbers",
    )  # fmt: skip
    metrics = specs(
        "Spoils", "GivesNone", "GivesNones", "GivesText", "GivesBareNumber", "GivesTooMany",
        "GivesNumpy", "GivesTensor", "GivesComposed", "ExitsScoring",
    )  # fmt: skip
    done = bench_here("run", "--suite", folder / "tiny.toml", "--data", folder / "data",
                 "--methods", f"{methods},nearest", "--metrics", f"{metrics},psnr_rgb_db,lr_psnr_db",
                 "--out", folder / "out", BENCH_CACHE=str(folder / "cache"))  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "warning: Signed on face at 16x: 1 of 1 pictures; 000 is out of range" in done.stdout
    assert "SignedAndNoted on face at 16x: 1 of 1 pictures; 000 is out of range" in done.stdout
    assert "warning: Noted" not in done.stdout
    facts = [json.loads(path.read_text()) for path in (folder / "out/store").glob("*/cell.json")]
    assert {(f["parameters"], f["macs"]) for f in facts} >= {(56, 1234), (0, 0)}
    assert {f["timed_under"] for f in facts} == {
        f["timed_under"] for f in facts if "7" not in f["timed_under"]
    }
    return {row["method"]: row for row in rows(folder / "out")}


@pytest.mark.parametrize("name", ["WritesIntoY", "SetsGlobals", "NumpyNumbers"])
def test_what_a_method_writes_and_sets_changes_no_score(
    name: str, damaged: dict[str, dict[str, str]]
) -> None:
    for column in ("psnr_rgb_db", "lr_psnr_db", "spoils", "output_digest"):
        assert damaged[name][column] == damaged["nearest"][column] != ""
    assert damaged[name]["state"] == "ok"
    assert damaged[name]["reason"] == ""


def test_a_metric_that_writes_into_the_pictures_spoils_no_other(
    damaged: dict[str, dict[str, str]],
) -> None:
    """It is the first of them, and PSNR itself."""
    for row in damaged.values():
        assert row["psnr_rgb_db"] == row["spoils"]


def test_numbers_of_numpy_and_torch_are_numbers(damaged: dict[str, dict[str, str]]) -> None:
    for column in ("gives_numpy", "gives_tensor", "gives_composed"):
        assert float(damaged["nearest"][column]) == 12.5
    assert damaged["NumpyNumbers"]["trace_length"] == "3"
    assert damaged["NumpyNumbers"]["reached_tolerance"] == "True"


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("gives_none", "score() returned None, expected a sequence with one number"),
        ("gives_nones", "a score is None; score() returns a sequence with one number"),
        ("gives_text", "a score is '12.5' (str); score() returns a sequence with one number"),
        ("gives_bare_number", "score() returned 12.5 (float), expected a sequence"),
        ("gives_too_many", "score() returned 2 scores of 1 pictures"),
        ("exits_scoring", "SystemExit: 0 (damaging.py:"),
    ],
)
def test_what_is_no_score_is_told_and_costs_no_other(
    column: str, reason: str, damaged: dict[str, dict[str, str]]
) -> None:
    row = damaged["nearest"]
    assert row["state"] == "ok"
    assert row[column] == ""
    assert f"{column}: {reason}" in row["notes"]
    assert float(row["psnr_rgb_db"]) > 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("To255", "values from 39 to 196, expected 0 to 1; 100% of them were clipped"),
        ("To255", "to be divided by 255"),
        ("Bytes", "to be divided by 255"),
        ("Signed", "values from -0."),
        ("Signed", "of them were clipped. A picture in [-1, 1] is to be mapped by (x + 1) / 2"),
    ],
)
def test_a_picture_of_another_range_is_said_in_its_row(
    name: str, reason: str, damaged: dict[str, dict[str, str]]
) -> None:
    assert damaged[name]["state"] == "ok"
    assert reason in damaged[name]["reason"]


def test_what_a_method_notes_stands_in_the_row(damaged: dict[str, dict[str, str]]) -> None:
    assert (damaged["Noted"]["state"], damaged["Noted"]["reason"]) == ("ok", "found")
    assert damaged["SignedAndNoted"]["reason"].startswith("out of range: ")
    assert damaged["SignedAndNoted"]["reason"].endswith("; found on two lines")


def test_overshoot_is_nothing_to_speak_of(damaged: dict[str, dict[str, str]]) -> None:
    assert (damaged["Overshoots"]["state"], damaged["Overshoots"]["reason"]) == ("ok", "")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("BareTensor", "restore() returned torch.Tensor of shape (1, 3, 64, 64), expected `Restoration(images)`"),
        ("NumpyImages", "restore() returned images of type numpy.ndarray of shape (1, 3, 64, 64)"),
        ("Nothing", "restore() returned None, expected `Restoration(images)` of methods.base"),
        ("NotedInNumbers", "restore() returned a note that is 7 (int), expected a string"),
        ("Exits", "SystemExit: 0 (damaging.py:"),
        ("ExitsInSetup", "SystemExit: no licence (damaging.py:"),
        ("SpeechlessError", "Mute: its message cannot be read (damaging.py:"),
        ("SkipsWithTrue", "skip() gave True (bool), expected a reason or None"),
        ("FailsToAnswer", "RuntimeError: what do I need? (damaging.py:"),
        ("NoRestore", "restore"),
    ],
)  # fmt: skip
def test_a_method_without_a_picture_says_what_is_wanted(
    name: str, reason: str, damaged: dict[str, dict[str, str]]
) -> None:
    assert damaged[name]["state"] == "failed"
    assert reason in damaged[name]["reason"]


def test_a_draw_from_the_global_generators_repeats(
    damaged: dict[str, dict[str, str]], data: Path, suite: Path, tmp_path: Path
) -> None:
    """Whatever ran before, in another process, and on a picture that is not the first."""
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face,cat", "--images", 1,
                 "--methods", specs("DrawsGlobally"), "--metrics", "psnr_rgb_db",
                 "--out", tmp_path / "out", "--no-images-on-disk")  # fmt: skip
    assert done.returncode == 0, done.stderr
    (face,) = (row for row in rows(tmp_path / "out") if row["split"] == "face")
    assert face["output_digest"] == damaged["DrawsGlobally"]["output_digest"]


def running(pids: Iterable[int]) -> list[psutil.Process]:
    """The processes that have not ended; one that only waits to be taken note of has."""
    found = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]


def test_nothing_that_a_method_began_outlives_it(data: Path, suite: Path, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    settings = [f"--set={name}.pids={pids}" for name in ("LeavesChildren", "LeavesChildrenAndDies")]
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
                 "--methods", specs("LeavesChildren", "LeavesChildrenAndDies"), *settings,
                 "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 1, done.stderr
    found = {row["method"]: row for row in rows(tmp_path / "out")}
    assert found["LeavesChildren"]["state"] == "ok"
    assert "status 7, in the restoration" in found["LeavesChildrenAndDies"]["reason"]
    left = [int(pid) for pid in pids.read_text().split()]
    assert len(left) >= 3 * (2 + 2)  # of each picture, and of the warm-up
    assert not psutil.wait_procs(running(left), timeout=20)[1]


def test_a_metric_that_kills_its_process_costs_its_score_alone(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 4,
                 "--methods", f"nearest,{specs('DiesWarmingUp')}",
                 "--metrics", f"psnr_rgb_db,{specs('DiesScoring')},lr_psnr_db",
                 "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 0, done.stderr
    for row in rows(tmp_path / "out"):
        assert row["state"] == "ok"
        assert float(row["psnr_rgb_db"]) > 0
        assert float(row["lr_psnr_db"]) > 0
        assert "ended by itself with status 9, in scoring by dies_scoring" in row["notes"]
    last = rows(tmp_path / "out")[3]
    assert "not scored after 3 losses in a row" in last["notes"]


def test_facts_of_another_type_are_refused(data: Path, suite: Path, tmp_path: Path) -> None:
    done = bench_here("run", "--suite", suite, "--data", data, "--methods", "nearest",
                      "--metrics", specs("FactsOfText"), "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 2
    assert "`better` is 'lower', expected Direction.HIGHER or Direction.LOWER" in done.stderr
    assert "`splits` is 'face', expected a tuple of texts" in done.stderr


@pytest.mark.parametrize("option", ["--methods", "--metrics"])
def test_a_file_that_ends_the_process_when_it_is_imported_is_an_error(
    option: str, data: Path, suite: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(
        "import os\nprint('noise')\nos.chdir('/')\nraise SystemExit(0)"
    )
    done = bench_here("run", "--suite", suite, "--data", data, option, f"{tmp_path}/mine.py:Thing",
                      "--out", tmp_path / "out")  # fmt: skip
    assert done.returncode == 2
    assert "SystemExit: 0" in done.stderr
    assert "noise" not in done.stdout
    assert Path.cwd() != Path("/")
