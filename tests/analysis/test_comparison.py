"""Two runs held against each other: differences, directions, circumstances."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.analysis.comparison import compare
from tests.support.synthetic import results


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


def test_compare_says_under_which_circumstances_a_method_ran() -> None:
    before = results(["glean"], ["face"], images=6)
    cells = [{"title": "glean on face at 16x", "settings": {"steps": 50}, "weights": {"g": "1"}}]
    old = replace(before, run={**before.run, "cells": cells})
    new = replace(before, run={"cells": [{**cells[0], "settings": {"steps": 100}}]})
    notes = compare(old, new).notes
    assert "glean on face at 16x: settings differ: steps 50 -> 100" in notes
    assert not any("weights" in note for note in notes)
