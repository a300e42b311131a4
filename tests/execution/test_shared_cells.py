"""Where more workers are free than cells wait, several share the pictures of one cell."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import write_pictures
from tests.execution.test_ray import needs_ray
from tests.support.commands import BAD, bench_here, rows, states


@pytest.mark.parametrize("executor", ["local", pytest.param("ray", marks=needs_ray)])
def test_workers_share_a_cell_and_its_rows_are_those_of_one(
    executor: str, data: Path, suite: Path, tmp_path: Path
) -> None:
    write_pictures(data / "face", 9)
    marks = tmp_path / "marks"
    marks.mkdir()
    found = {}
    for workers in (1, 2):
        out = tmp_path / str(workers)
        done = bench_here("run", "--suite", suite, "--data", data, "--splits", "face", "--methods",
                          f"{BAD}:Signs", "--set", f"Signs.marks={marks}", "--executor", executor,
                          "--workers", workers, "--out", out)  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert states(out) == {"ok": 9}
        found[workers] = [
            (row["image"], row["psnr_rgb_db"], row["output_digest"]) for row in rows(out)
        ]
    assert found[1] == found[2]
    by_process = Counter(path.name.partition(".")[0] for path in marks.iterdir())
    assert sorted(by_process.values()) == [4, 5, 9]


def test_what_one_worker_fails_at_costs_the_others_nothing(
    data: Path, suite: Path, tmp_path: Path
) -> None:
    write_pictures(data / "face", 8)
    out = tmp_path / "out"
    common = ("run", "--suite", suite, "--data", data, "--splits", "face",
              "--methods", f"{BAD}:CrashesOnce", "--out", out)  # fmt: skip
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    for workers, out in ((1, alone), (4, shared)):
        bench_here(*common[:-1], out, "--workers", workers)
    assert [row["state"] for row in rows(shared)] == [row["state"] for row in rows(alone)]
    assert {"ok", "failed"} == set(states(shared))
