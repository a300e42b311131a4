"""Budget curves: what a search had found on its way, from the descent to `budgets.csv`."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from methods.networks.stylegan2 import StyleGAN2Generator
from tests.support.commands import BAD, bench_here, rows

HEAD = ["method", "split", "image", "scale", "operator", "seed", "steps", "fraction", "latency_s"]


@pytest.fixture
def search(data: Path, suite: Path, tmp_path: Path) -> tuple[Any, ...]:
    """Arguments of a run of mGANprior, 30 steps on a small random generator, and of nearest."""
    torch.manual_seed(0)
    generator = StyleGAN2Generator(64, 16, 2, {4: 12, 8: 10, 16: 8, 32: 6, 64: 4})
    path = tmp_path / "gan.safetensors"
    save_file({k: v.contiguous() for k, v in generator.state_dict().items()}, path)
    settings = ("steps=30", "codes=2", "composing_layer=4", "learning_rate=0.5")
    return ("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 2,
            "--methods", "mganprior,nearest", "--weights", f"mganprior={path}",
            *(part for s in settings for part in ("--set", f"mganprior.{s}")),
            "--out", tmp_path / "out")  # fmt: skip


def budgets(out: Path) -> list[dict[str, str]]:
    with (out / "budgets.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_search_tells_its_quality_at_parts_of_its_steps(
    search: tuple[Any, ...], suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = bench_here(*search)
    assert done.returncode == 0, done.stderr
    lines = budgets(out)
    assert list(lines[0]) == [*HEAD, "psnr_rgb_db", "lr_psnr_db", "notes"]
    assert [(line["method"], line["image"], line["steps"]) for line in lines] == [
        ("mganprior", image, steps) for image in ("000", "001") for steps in ("3", "10", "30")
    ]
    assert [float(line["fraction"]) for line in lines[:3]] == pytest.approx([0.1, 1 / 3, 1])
    by_image = {row["image"]: row for row in rows(out) if row["method"] == "mganprior"}
    for image, row in by_image.items():
        mine = [line for line in lines if line["image"] == image]
        spent = [float(line["latency_s"]) for line in mine]
        assert 0 < spent[0] < spent[1] < spent[2] == float(row["latency_s"])
        # The loss is the error in y: the best so far cannot get worse, but for rounding.
        near = [float(line["lr_psnr_db"]) for line in mine]
        assert near[0] <= near[1] + 0.1 <= near[2] + 0.2
        assert near[0] < near[2]
        for column in ("psnr_rgb_db", "lr_psnr_db"):
            assert mine[2][column] == row[column]

    # A report that was passed on without its store shows the same curves.
    passed_on = tmp_path / "passed on"
    shutil.copytree(out, passed_on, ignore=shutil.ignore_patterns("store"))
    assert bench_here("report", passed_on).returncode == 0
    assert (passed_on / "budgets.csv").read_bytes() == (out / "budgets.csv").read_bytes()

    # Rescoring reaches the kept milestones; one whose picture is gone says so.
    copy = tmp_path / "copy"
    shutil.copytree(out, copy)
    next((copy / "store").glob("*/*-10.png")).unlink()
    assert bench_here("rescore", copy, "--metrics", "ssim").returncode == 0
    rescored = budgets(copy)
    assert [bool(line["ssim"]) for line in rescored].count(False) == 1
    assert [line["notes"] for line in rescored if not line["ssim"]] == [
        "ssim: not scored again: the picture of this milestone was not kept"
    ]
    for line, before in zip(rescored, lines, strict=True):
        assert {**before, "notes": ""}.items() <= {**line, "notes": ""}.items()

    # A further metric of a run scores them too, and restores nothing again. A milestone whose
    # picture is gone is left out.
    suite.write_text(suite.read_text().replace('"lr_psnr_db"', '"lr_psnr_db", "ssim"'))
    gone = next((out / "store").glob("*/*-10.png"))
    gone.unlink()
    assert bench_here(*search).returncode == 0
    again = budgets(out)
    assert len(again) == 5
    old = {(line["image"], line["steps"]): line for line in lines}
    for line in again:
        assert 0 < float(line["ssim"]) <= 1
        assert old[line["image"], line["steps"]].items() <= line.items()

    # Rows that were stored before there were milestones stay readable, and are kept.
    before = (out / "rows.csv").read_bytes()
    for path in (out / "store").glob("*/rows-*.json"):
        entries = json.loads(path.read_text())
        for entry in entries:
            entry["row"].pop("budgets", None)
        path.write_text(json.dumps(entries))
    assert bench_here(*search).returncode == 0
    assert (out / "rows.csv").read_bytes() == before
    assert budgets(out) == []


def test_a_milestone_that_is_no_picture_costs_its_own_scores(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--images", 1,
                 "--methods", f"{BAD}:LosesItsWay", "--out", out)  # fmt: skip
    assert done.returncode == 0, done.stderr
    nan, small, whole = budgets(out)
    assert "lr_psnr_db: the method returned 12288 values of 12288 that are NaN" in nan["notes"]
    assert "the method returned shape (1, 3, 4, 4)" in small["notes"]
    assert (nan["psnr_rgb_db"], small["psnr_rgb_db"]) == ("", "")
    assert whole["psnr_rgb_db"] == rows(out)[0]["psnr_rgb_db"]
    assert (whole["steps"], whole["fraction"]) == ("", "")  # it did not tell how many it took
