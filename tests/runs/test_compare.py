"""compare through the entry point, on runs as `run` leaves them."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

from tests.support.commands import bench_here, edited, rows
from tests.support.synthetic import HOSTILE


def test_compare_pairs_what_two_runs_have_in_common(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    done = bench_here("compare", *runs, "--csv", "--out", tmp_path / "both")
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
    plain = bench_here("compare", *runs)
    assert "bicubic" in plain.stdout
    assert "0.00 [0.00, 0.00]" in plain.stdout


def test_compare_refuses_other_operators_protocols_and_pictures(runs: tuple[Path, Path]) -> None:
    first, second = runs
    operator = rows(second)[0]["operator"]
    edited(second, (operator, "downsample16-area-u8#0123456789ab"))
    done = bench_here("compare", first, second)
    assert done.returncode == 4
    assert "operators differ" in done.stdout
    assert "Nothing that was measured in both runs can be compared." in done.stdout

    shutil.rmtree(second)
    shutil.copytree(first, second)
    shutil.rmtree(second / "store")
    run = json.loads((second / "run.json").read_text())
    run["metrics"]["psnr_rgb_db"]["protocol"] = "psnr/y/crop16"
    (second / "run.json").write_text(json.dumps(run))
    done = bench_here("compare", first, second, "--csv")
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
    done = bench_here("compare", first, second, "--csv")
    (entry,) = (
        e
        for e in csv.DictReader(done.stdout.splitlines())
        if (e["method"], e["split"], e["metric"]) == ("nearest", "face", "lr_psnr_db")
    )
    assert entry["n_common"] == "5"
    assert (
        "2 images of the same name are other pictures"
        in bench_here("compare", first, second).stdout
    )
    run["splits"]["face"]["images"] = {f"{i:03d}": "f" * 64 for i in range(7)}
    (second / "run.json").write_text(json.dumps(run))
    assert "the pictures differ" in bench_here("compare", first, second).stdout


def test_compare_shows_hostile_text_as_text(runs: tuple[Path, Path]) -> None:
    first, second = runs
    name = HOSTILE.replace('"', "").replace("\n", "") + "\x1b[2J"
    for out in runs:
        edited(out, ("bicubic,", f"{name},"))
    done = bench_here("compare", first, second, "--out", second / "c")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "<script>" in done.stdout
    text = (second / "c" / "compare.md").read_text()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
