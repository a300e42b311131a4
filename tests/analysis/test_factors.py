"""Factors that methods keep, told by the images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench import report
from bench.analysis.factors import factor_lines
from bench.core.rows import Part
from bench.metrics.registry import METRICS
from bench.results import folder
from bench.results.results import Standing
from tests.support import synthetic

COLUMN = "factor_fidelity"


@pytest.mark.parametrize(
    ("agreed", "standing"),
    [
        ([1] * 40, Standing.KEPT),
        ([1] * 28 + [0] * 12, Standing.PARTLY),
        ([1] * 12 + [0] * 28, Standing.LOST),
    ],
)
def test_what_is_kept_is_told_by_the_images(agreed: Sequence[int], standing: Standing) -> None:
    made = with_parts({"glean": agreed}, chance=0.35)
    counted, left_out = factor_lines(made)
    assert (counted.factor, counted.standing, counted.truth, counted.n) == ("hair", standing, 1, 40)
    assert counted.agreement == pytest.approx(np.mean(agreed))
    assert (left_out.factor, left_out.method, left_out.truth) == ("pose", "", 0.5)


def test_few_images_and_hard_factors_are_unclear() -> None:
    few = with_parts({"glean": [1, 0, 1, 0, 1]})
    assert factor_lines(few)[0].standing is None
    hard = with_parts({"glean": [1, 0, 0] * 10}, truth=[1, 0, 1] * 10, chance=0.6)
    assert factor_lines(hard)[0].standing is Standing.LOST
    same = with_parts({"glean": [1, 0, 0] * 10}, truth=[0, 1, 0] * 10, chance=0.6)
    assert factor_lines(same)[0].standing is Standing.UNCLEAR


def test_hostile_names_of_factors_are_text(tmp_path: Path) -> None:
    made = with_parts({"glean": [1] * 8}, factor=synthetic.HOSTILE)
    report.write(made, tmp_path, None)
    page = (tmp_path / "report.html").read_text()
    assert "<script>alert" not in page
    assert "<script>" not in (tmp_path / "summary.md").read_text()
    assert folder.load_results(tmp_path).factors[0].factor == synthetic.HOSTILE


def with_parts(
    agreed: dict[str, Sequence[int]],
    truth: Sequence[int] | None = None,
    chance: float = 0.5,
    factor: str = "hair",
) -> synthetic.Results:
    """Results whose rows agree with the truth's factor or not; a second one is not counted."""
    (images,) = {len(shares) for shares in agreed.values()}
    made = synthetic.results(list(agreed), ["face"], images)
    made = replace(made, metrics=(*made.metrics, METRICS[COLUMN]))

    def parts(method: str, image: int) -> dict[str, dict[str, Part]]:
        own = 1 if truth is None else truth[image]
        return {
            COLUMN: {
                factor: Part(float(agreed[method][image]), float(own), chance),
                "pose": Part(None, float(image % 2), 0.4),
            }
        }

    return replace(
        made, rows=tuple(replace(row, parts=parts(row.method, int(row.image))) for row in made.rows)
    )
