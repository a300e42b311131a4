"""Batches: what they give each picture, what they do not say of it, and what a fault in one costs."""

from __future__ import annotations

import json
import re
from collections import deque
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bench.analysis.costs import costs_of
from bench.core.rows import Row, RowState
from bench.datasets.splits import Picture
from bench.execution.outstanding import Item
from bench.execution.together import next_batch
from bench.machine import memory, threads
from bench.results.folder import load_results
from tests.support.commands import ROOT, bench_here, rows

METHODS = ROOT / "tests" / "support" / "in_batches.py"
LATENCY = ("latency_s", "cpu_s", "peak_mem_bytes")


def specs(*names: str) -> str:
    return ",".join(f"{METHODS}:{name}" for name in names)


@pytest.fixture
def dark(data: Path) -> Path:
    """Five faces, the fourth of them black."""
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(data / "face" / "003.png")
    return data


def run(data: Path, suite: Path, out: Path, *arguments: object) -> dict[str, list[dict[str, str]]]:
    """The rows of each method; the first picture is timed, the others may be a batch."""
    bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--timed", 1,
               "--out", out, *arguments, BENCH_CACHE=str(out / "cache"))  # fmt: skip
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows(out):
        found.setdefault(row["method"], []).append(row)
    return found


def calls(out: Path, method: str) -> list[int]:
    """With how many pictures `restore` was called."""
    return [int(line) for line in (out / f"cache/calls-{method}").read_text().split()]


def test_a_batch_is_no_latency_and_a_fault_in_it_costs_its_own_picture(
    dark: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    names = ("OneByOne", "Batched", "Raises", "Crashes", "Spoils", "Miscounts", "TakesTwo")
    found = run(dark, suite, out, "--methods", specs(*names))
    for name in names:
        states = ["ok", "ok", "ok", "failed" if name in BROKEN else "ok", "ok"]
        assert [row["state"] for row in found[name]] == states, name
        assert found[name][3]["reason"].startswith(BROKEN.get(name, "")), found[name][3]["reason"]
        for row, alone in zip(found[name], found["OneByOne"], strict=True):
            if row["state"] == "ok":
                assert row["output_digest"] == alone["output_digest"]
                assert row["psnr_rgb_db"] == alone["psnr_rgb_db"]
                is_single = row["batch"] == "1"
                assert [bool(row[cost]) for cost in LATENCY] == [is_single] * 3
                assert bool(row["images_per_s"]) is not is_single
    sizes = {name: [row["batch"] for row in found[name]] for name in names}
    assert sizes["OneByOne"] == ["1"] * 5
    assert sizes["Batched"] == ["1", *["4"] * 4]
    assert sizes["TakesTwo"] == ["1", *["2"] * 4]
    assert sizes["Raises"] == sizes["Crashes"] == ["1", "1", "1", "", "1"]
    assert sizes["Spoils"] == ["1", "4", "4", "", "4"]
    assert calls(out, "Batched") == [1, 4]
    assert calls(out, "Miscounts") == [1, 4, 1, 1, 1, 1]
    by_name = {row.image: row for row in load_results(out).rows if row.method == "Batched"}
    assert [by_name[f"00{i}"].reached_tolerance for i in range(5)] == [False] * 3 + [True, False]
    spent = [[budget.latency_s is not None for budget in row.budgets] for row in by_name.values()]
    assert spent == [[True], *[[False]] * 4]
    assert load_results_of_rows_alone(out) == load_results(out).rows
    text = (out / "summary.md").read_text()
    assert re.search(r"images a second in batches: .*Batched [0-9.,]+ \(4 at once\)", text)


BROKEN = {
    "Raises": "RuntimeError: too dark",
    "Crashes": "the worker process crashed (SIGSEGV), in the restoration",
    "Spoils": "the method returned 1 values of",
}


def load_results_of_rows_alone(out: Path) -> tuple[Row, ...]:
    """The rows as `rows.csv` and `budgets.csv` have them."""
    (out / "store").rename(out / "elsewhere")
    found = load_results(out).rows
    (out / "elsewhere").rename(out / "store")
    return found


def test_a_batch_has_the_time_of_all_its_pictures(dark: Path, suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = run(dark, suite, out, "--methods", specs("Hangs"), "--timeout", 1)["Hangs"]
    assert [row["state"] for row in found] == ["ok", "ok", "ok", "timeout", "ok"]
    assert found[3]["reason"] == "the restoration took longer than 1 s"
    assert calls(out, "Hangs")[:2] == [1, 4]


def test_what_a_batch_restored_outlives_a_metric_that_takes_its_process_along(
    dark: Path, suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    found = run(dark, suite, out, "--methods", specs("Batched"),
                "--metrics", f"{specs('CrashesOnBlack')},psnr_rgb_db")["Batched"]  # fmt: skip
    assert {row["state"] for row in found} == {"ok"}
    assert [row["crashes_on_black"] for row in found] == ["1.0", "1.0", "1.0", "", "1.0"]
    assert [row["batch"] for row in found] == ["1", "4", "4", "4", "4"]
    assert calls(out, "Batched") == [1, 4]


def test_the_pictures_that_are_timed_are_the_first_of_the_cell(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    """Not the first of what is left: a run that goes on times no more than one that does it all."""
    out = tmp_path / "out"
    run(data, suite, out, "--methods", specs("Batched"), "--images", 2)
    found = run(data, suite, out, "--methods", specs("Batched"))["Batched"]
    assert [row["batch"] for row in found] == ["1", "1", "3", "3", "3"]
    assert calls(out, "Batched") == [1, 1, 3]


def test_the_threads_of_one_picture_are_chosen_once_a_cell(
    data: Path, suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "usable_cores", lambda: 2)
    out = tmp_path / "out"
    command = ("run", "--suite", suite, "--data", data, "--splits", "face", "--out", out,
               "--methods", specs("Batched"), "--timed", 3)  # fmt: skip
    bench_here(*command, "--images", 1, OMP_NUM_THREADS="2")
    (facts,) = (out / "store").glob("*/cell.json")
    chosen = json.loads(facts.read_text())
    assert chosen["threads"] == 2
    assert [row["threads"] for row in rows(out)] == [str(chosen["threads_alone"])]
    facts.write_text(json.dumps({**chosen, "threads_alone": 3}))  # as it would not choose
    bench_here(*command, OMP_NUM_THREADS="2")
    assert [row["threads"] for row in rows(out)][1:] == ["3", "3", "2", "2"]
    assert {row["timed_under"] for row in rows(out)} == {"cpu, fp32, 2 threads"}
    bench_here(*command, "--fresh", OMP_NUM_THREADS="1")  # another condition, another choice
    assert {row["threads"] for row in rows(out)} == {"1"}


def test_a_number_reaches_every_method_that_takes_batches(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    names = specs("Batched", "WhenAsked", "OneByOne")
    found = run(data, suite, tmp_path / "two", "--methods", names, "--batch", 2)
    sizes = {name: [row["batch"] for row in found[name]] for name in found}
    assert sizes["Batched"] == sizes["WhenAsked"] == ["1", "2", "2", "2", "2"]
    assert sizes["OneByOne"] == ["1"] * 5
    assert [row["batch"] for row in run(data, suite, tmp_path / "auto", "--methods",
            specs("WhenAsked"))["WhenAsked"]] == ["1"] * 5  # fmt: skip


@pytest.mark.parametrize("size", ["0", "-1", "many", "1.5"])
def test_a_batch_that_is_no_number_is_told(size: str) -> None:
    done = bench_here("run", "--methods", "nearest", "--batch", size)
    assert done.returncode == 2
    assert f"--batch {size!r}: a batch is auto or a whole number of at least 1" in done.stderr


def test_a_batch_takes_neighbours_that_may_share() -> None:
    def item(name: str, *, alone: bool = False) -> Item:
        return Item(Picture(name, None, name), alone=alone)

    left = deque([item("a", alone=True), item("b"), item("c"), item("d"), item("e", alone=True)])
    found = []
    while left:
        found.append("".join(item.picture.name for item in next_batch(left, 2)))
    assert found == ["a", "bc", "d", "e"]


def test_throughput_counts_every_second_of_every_batch() -> None:
    """Four pictures in 2 s and one in 1 s: five in 3 s."""
    head = ("m", "face", "0", 16, "x#0", 0, RowState.OK)
    together = [Row(*head, batch=4, images_per_s=2.0)] * 4 + [Row(*head, batch=1, images_per_s=1.0)]
    found = costs_of([*together, Row(*head, latency_s=9.0, batch=1)], [])
    assert found.images_per_s == pytest.approx(5 / 3)
    assert (found.batch, found.latency_s, found.timed_rows) == (4, 9.0, 1)


def test_a_container_leaves_less_than_the_machine_has(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    free = memory.free_memory(torch.device("cpu"))
    assert free > 10_000
    for name, text in (("max", "9000"), ("current", "5000"), ("stat", "file 9\ninactive_file 7")):
        (tmp_path / f"memory.{name}").write_text(text)
    assert memory.free_memory(torch.device("cpu")) == 4007
    (tmp_path / "memory.max").write_text("max")
    assert memory.left_in_container() is None
