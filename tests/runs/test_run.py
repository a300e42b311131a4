"""Whole runs through the real entry point: contracts, exit statuses, failures, resuming."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import write_pictures
from tests.support.commands import BAD, ROOT, bench, bench_here, rows, states

COLUMNS = [
    "method",
    "split",
    "image",
    "scale",
    "operator",
    "seed",
    "state",
    "reason",
    "latency_s",
    "peak_mem_bytes",
]


def test_a_run_writes_everything_the_contract_names(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = bench("run", "--suite", suite, "--data", data, "--methods", "nearest,bicubic",
                 "--images", 3, "--out", out)  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = rows(out)
    assert list(found[0])[:12] == [*COLUMNS, "psnr_rgb_db", "lr_psnr_db"]
    assert len(found) == 2 * 2 * 3
    assert states(out) == {"ok": 12}
    assert all(float(row["latency_s"]) > 0 and row["operator"] for row in found)
    for name in ("run.json", "summary.csv", "summary.md", "report.html"):
        assert (out / name).stat().st_size > 0
    assert {p.name for p in (out / "plots").glob("*.png")} >= {
        "quality-by-split.png", "perception-distortion.png", "quality-latency.png"}  # fmt: skip
    folder = out / "images" / "face" / "000"
    assert {p.name for p in folder.iterdir()} == {
        "truth.png", "input.png", "nearest.png", "bicubic.png"}  # fmt: skip
    truth = np.asarray(Image.open(folder / "truth.png"))
    assert np.array_equal(truth, np.asarray(Image.open(data / "face" / "000.png")))
    assert Image.open(folder / "input.png").size == (4, 4)
    run = json.loads((out / "run.json").read_text())
    assert {"arguments", "packages", "hardware", "splits", "cells", "metrics"} <= run.keys()

    # The same again finds nothing to do, and says the same.
    before = (out / "rows.csv").read_bytes()
    drawn = (out / "report.html").stat().st_mtime_ns
    again = bench_here("run", "--suite", suite, "--data", data, "--methods", "nearest,bicubic",
                       "--images", 3, "--out", out)  # fmt: skip
    assert again.returncode == 0
    assert "to go" not in again.stderr
    assert (out / "rows.csv").read_bytes() == before
    assert (out / "report.html").stat().st_mtime_ns == drawn

    # With another version of the report's code nothing is measured again and the page is rewritten.
    other = tmp_path / "other"
    for name in ("methods", "datasets", "reports"):
        (other / name).parent.mkdir(exist_ok=True)
        (other / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "bench", other / "bench")
    for change in ("report/page/templates/page.css", "analysis/ranking.py"):
        with (other / "bench" / change).open("a") as file:
            file.write("\n")
        same = ["run", "--suite", suite, "--data", data, "--methods", "nearest,bicubic",
                "--images", 3, "--out", out]  # fmt: skip
        again = subprocess.run(
            [sys.executable, "-m", "bench", *map(str, same)], cwd=other, capture_output=True,
            text=True, env={**os.environ, "PYTHONPATH": str(other)}, check=False,
        )  # fmt: skip
        assert again.returncode == 0, again.stderr
        assert "to go" not in again.stderr
        assert (out / "rows.csv").read_bytes() == before
        assert (out / "report.html").stat().st_mtime_ns > drawn
        drawn = (out / "report.html").stat().st_mtime_ns

    # More images and a further method reuse what is there.
    more = bench_here("run", "--suite", suite, "--data", data, "--methods", "nearest,lanczos",
                 "--images", 4, "--out", out)  # fmt: skip
    assert more.returncode == 0
    assert "nearest on face at 16x: 1 images to go" in more.stderr
    counts = Counter((row["method"], row["split"]) for row in rows(out))
    assert counts["nearest", "face"] == 4
    assert counts["bicubic", "face"] == 3
    assert counts["lanczos", "cat"] == 4


def test_every_way_to_fail_is_a_row_and_costs_nobody_else(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    names = ("NotANumber", "WrongShape", "Raises", "RefusesToLoad", "OutOfMemory", "AlwaysCrashes",
             "WarmsUpBadly")  # fmt: skip
    specs = ",".join(["nearest", *(f"{BAD}:{name}" for name in names)])
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 4,
                 "--methods", specs, "--out", out)  # fmt: skip
    assert done.returncode == 1, done.stderr
    by_method = {row["method"]: row for row in rows(out)}
    assert len(rows(out)) == 8 * 4
    assert by_method["nearest"]["state"] == "ok"
    assert by_method["WarmsUpBadly"]["state"] == "ok"  # its cost is unknown, no more
    assert by_method["NotANumber"]["reason"].startswith("the method returned 1 values of 12288")
    assert by_method["WrongShape"]["reason"] == (
        "the method returned shape (1, 3, 4, 4), expected (1, 3, 64, 64)"
    )
    assert "RuntimeError: the | network <script> `broke`" in by_method["Raises"]["reason"]
    assert by_method["RefusesToLoad"]["reason"] == "the weights are for 8x"
    assert by_method["OutOfMemory"]["state"] == "out-of-memory"
    assert "status 7" in by_method["AlwaysCrashes"]["reason"]
    assert "not tried after 3 losses in a row" in by_method["AlwaysCrashes"]["reason"]
    page = (out / "report.html").read_text()
    assert "&lt;script&gt;" in page
    assert "network <script>" not in page
    # Failed rows are kept, and tried again only when asked.
    again = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 4,
                  "--methods", specs, "--out", out, "--dry-run")  # fmt: skip
    assert again.returncode == 0
    assert "0 images to restore or score" in again.stdout
    retry = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 4,
                  "--methods", specs, "--out", out, "--dry-run", "--retry")  # fmt: skip
    assert "24 images to restore or score" in retry.stdout


def test_a_crash_costs_one_picture(data: Path, suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_pictures(data / "face", 8)
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face",
                 "--methods", f"{BAD}:CrashesOnce", "--out", out)  # fmt: skip
    found = rows(out)
    assert len(found) == 8
    odd = [int(np.asarray(Image.open(out / "images/face" / row["image"] / "input.png"))[0, 0, 0]) % 2
           for row in found if row["state"] == "ok"]  # fmt: skip
    assert odd
    assert not any(odd)
    crashed = [row for row in found if row["state"] != "ok"]
    assert crashed
    assert all("SIGSEGV" in row["reason"] for row in crashed)
    assert done.returncode == 1


def test_the_time_limit_costs_one_picture_and_a_longer_one_tries_again(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    common = ("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
              "--methods", f"{BAD}:Sleeps,nearest", "--set", "Sleeps.seconds=1.5", "--out", out)  # fmt: skip
    done = bench_here(*common, "--timeout", 0.5)
    assert done.returncode == 1
    assert states(out) == {"timeout": 2, "ok": 2}
    assert "took longer than 0.5 s" in rows(out)[0]["reason"]
    assert bench_here(*common, "--timeout", 30).returncode == 0
    assert states(out) == {"ok": 4}


def test_seeds_change_stochastic_methods_only(data: Path, suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
                 "--methods", f"{BAD}:Random,nearest", "--seeds", 3, "--out", out)  # fmt: skip
    assert done.returncode == 0, done.stderr
    counts = Counter(row["method"] for row in rows(out))
    assert counts == {"Random": 6, "nearest": 2}
    scores = {row["psnr_rgb_db"] for row in rows(out) if row["method"] == "Random"}
    assert len(scores) == 6
    # A picture's result does not depend on which others are in the run.
    alone = tmp_path / "alone"
    (tmp_path / "one" / "face").mkdir(parents=True)
    (tmp_path / "one" / "face" / "other.png").write_bytes((data / "face" / "001.png").read_bytes())
    bench_here("run", "--suite", suite, "--data", tmp_path / "one", "--methods", f"{BAD}:Random",
          "--out", alone)  # fmt: skip
    assert rows(alone)[0]["psnr_rgb_db"] in scores


def test_killed_at_any_moment_it_resumes_and_loses_and_duplicates_nothing(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    write_pictures(data / "face", 12)
    arguments = [sys.executable, "-m", "bench", "run", "--suite", str(suite), "--data", str(data),
                 "--splits", "face", "--methods", f"{BAD}:Sleeps", "--set", "Sleeps.seconds=0.4",
                 "--out", str(out)]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    saved = 0
    for _ in range(2):
        process = subprocess.Popen(arguments, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while stored(out) <= saved and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert stored(out) > saved
        saved = stored(out)
    assert saved < 12
    last = bench_here(*arguments[3:])
    assert last.returncode == 0, last.stderr
    to_go = int(last.stderr.split(": ")[1].split()[0])
    assert to_go <= 12 - saved
    names = [row["image"] for row in rows(out)]
    assert sorted(names) == [f"{i:03d}" for i in range(12)]
    assert states(out) == {"ok": 12}


def stored(out: Path) -> int:
    """Rows that are on the disk."""
    files = (out / "store").glob("*/rows-*.json") if (out / "store").is_dir() else ()
    return sum(len(json.loads(path.read_text())) for path in files)


def test_two_runs_into_one_folder_share_the_work(data: Path, suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = [sys.executable, "-m", "bench", "run", "--suite", str(suite), "--data", str(data),
                 "--methods", f"{BAD}:Sleeps,nearest", "--set", "Sleeps.seconds=0.2",
                 "--out", str(out)]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    both = [
        subprocess.Popen(arguments, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert states(out) == {"ok": 20}
    keys = [(row["method"], row["split"], row["image"]) for row in rows(out)]
    assert len(set(keys)) == len(keys)
    stores = [json.loads(path.read_text()) for path in (out / "store").glob("*/rows-*.json")]
    assert sum(map(len, stores)) == 20  # none was measured twice


def test_unusable_pictures_are_rows_and_the_rest_goes_on(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    write_pictures(data / "face", 1, size=32)
    whole = (data / "face" / "001.png").read_bytes()
    (data / "face" / "001.png").write_bytes(whole[: len(whole) // 2])
    (data / "face" / "002.png").write_bytes(b"")
    (data / "face" / "003.png").write_text("<html>not a picture</html>")
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face",
                 "--methods", "nearest", "--out", out)  # fmt: skip
    assert done.returncode == 1
    found = {row["image"]: row for row in rows(out)}
    assert [found[f"{i:03d}"]["state"] for i in range(5)] == ["failed"] * 4 + ["ok"]
    assert "32x32 pixels, expected 64x64" in found["000"]["reason"]
    assert "python -m bench import" in found["000"]["reason"]
    assert "not a whole picture" in found["001"]["reason"]
    assert "empty" in found["002"]["reason"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--methods", "bicubc"], "Did you mean 'bicubic'"),
        (["--splits", "fase"], "Did you mean 'face'"),
        (["--suite", "foto"], "Did you mean 'photo'"),
        (["--scale", "sixteen"], "whole number"),
        (["--scale", "1"], "whole number"),
        (["--weights", "glean"], "METHOD=FILE"),
        (["--weights", "nearest=/no/such/file"], "there is no file"),
        (["--set", "nearest.steps=3"], "unknown name 'steps'"),
        (["--set", "glean.steps=3"], "methods of this run only"),
        (["--device", "gpu"], "cannot be used"),
        (["--methodz", "nearest"], "No such option"),
        (["--methods", "nearest,nearest"], "2 times"),
        (["--methods", "missing.py:Thing"], "no such file"),
        (["--data", "/no/such/folder"], "no such folder"),
        (["--timeout", "-1"], "--timeout"),
    ],
)
def test_mistakes_are_told_with_what_is_accepted(
    change: list[str], message: str, data: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = bench_here("run", "--suite", suite, "--data", data, "--methods", "nearest", "--out", out,
                 *change)  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_a_typo_in_a_suite_is_told_with_its_place(data: Path, suite: Path) -> None:
    suite.write_text(suite.read_text().replace("domain", "domian"))
    done = bench_here("run", "--suite", suite, "--data", data)
    assert done.returncode == 2
    assert "domian" in done.stderr
    assert "did you mean domain" in done.stderr
    suite.write_text("name = = 1")
    assert "line 1" in bench_here("run", "--suite", suite, "--data", data).stderr


def test_an_empty_folder_is_told(suite: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "face").mkdir(parents=True)
    done = bench_here("run", "--suite", suite, "--data", tmp_path / "data")
    assert done.returncode == 2
    assert "holds no pictures" in done.stderr


def test_a_folder_that_cannot_be_written_is_told(data: Path, suite: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = bench_here("run", "--suite", suite, "--data", data, "--out", tmp_path / "file" / "out")
    assert done.returncode in (1, 2)
    assert "cannot write" in done.stderr
    assert "--out" in done.stderr
    assert "Traceback" not in done.stderr


def test_methods_without_weights_are_unavailable_and_nothing_measured_is_told_by_the_status(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = bench_here("run", "--suite", suite, "--data", data, "--methods", "glean,pulse",
                 "--splits", "face", "--out", out)  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert states(out) == {"unavailable": 10}
    assert all("python -m bench" in row["reason"] for row in rows(out))


def test_a_scale_that_does_not_divide_is_not_applicable(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = bench_here("run", "--suite", suite, "--data", data, "--methods", "nearest", "--images", 1,
                 "--splits", "face", "--scale", "16,24", "--out", out)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert states(out) == {"ok": 1, "not-applicable": 1}
