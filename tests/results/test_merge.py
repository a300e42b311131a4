"""Rows of several runs as one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.core.errors import BenchError
from bench.core.rows import RowState
from bench.results.merge import merge
from tests.support.synthetic import results


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
