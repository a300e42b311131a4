"""Rows drawn together: what counts as covered, comparable, missing."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bench.analysis.analysis import analyse
from bench.analysis.ranking import best, ranked
from bench.analysis.summary import Line, summarise
from bench.core.rows import Row, RowState
from bench.metrics.facts import MetricFacts
from bench.results.results import Results
from tests.support.synthetic import METRICS, results

PSNR, LPIPS = METRICS["psnr_rgb_db"], METRICS["lpips_alex"]


def row(method: str, image: str, state: RowState = RowState.OK, **more: object) -> Row:
    plain = Row(method, "face", image, 16, "bicubic#0", 0, state)
    return replace(plain, **more)  # type: ignore[arg-type]


def of(*rows: Row, metrics: tuple[MetricFacts, ...] = (PSNR, LPIPS)) -> dict[str, Line]:
    made = Results(rows, (), metrics, {}, {}, {})
    return {line.method: line for line in summarise(made)}


def test_a_line_has_means_medians_and_costs() -> None:
    made = results(["glean"], ["face"], images=9)
    (line,) = summarise(made)
    values = [row.metrics["psnr_rgb_db"] for row in made.rows]
    interval = line.scores.means["psnr_rgb_db"]
    assert interval.mean == pytest.approx(sum(values) / 9)
    assert interval.low is not None
    assert interval.high is not None
    assert interval.low < interval.mean < interval.high
    latencies = sorted(row.latency_s or 0 for row in made.rows)
    assert line.costs.latency_s == latencies[4]
    assert line.costs.latency_quartiles_s == (latencies[2], latencies[6])
    assert (line.coverage.images, line.coverage.ok, line.coverage.share, line.coverage.seeds) == (
        9,
        9,
        1.0,
        1,
    )
    assert (line.costs.parameters, line.costs.macs, line.title) == (
        12_345_678,
        54_321_000_000,
        "GLEAN",
    )


def test_tables_are_apart_by_split_scale_and_operator() -> None:
    rows = [row("a", "0"), row("a", "0", scale=8), row("a", "0", operator="area#1")]
    assert len(summarise(Results(tuple(rows), (), (), {}, {}, {}))) == 3


def test_means_over_fewer_images_than_others_are_marked_and_never_best() -> None:
    lines = of(
        row("whole", "0", metrics={"psnr_rgb_db": 20.0}),
        row("whole", "1", metrics={"psnr_rgb_db": 22.0}),
        row("other", "0", metrics={"psnr_rgb_db": 19.0}),
        row("other", "1", metrics={"psnr_rgb_db": 19.0}),
        row("half", "0", metrics={"psnr_rgb_db": 30.0}),
        row("half", "1", RowState.TIMEOUT, reason="took longer than 1 s"),
        row("shorter", "0", metrics={"psnr_rgb_db": 31.0}),  # the second image was never run
    )
    assert lines["whole"].scores.partial == frozenset()
    assert lines["half"].scores.partial == lines["shorter"].scores.partial == {"psnr_rgb_db"}
    assert (
        lines["half"].coverage.ok,
        lines["half"].coverage.images,
        lines["half"].coverage.share,
    ) == (1, 2, 0.5)
    assert (
        lines["shorter"].coverage.ok,
        lines["shorter"].coverage.images,
        lines["shorter"].coverage.rows,
    ) == (1, 2, 1)
    assert best(list(lines.values()), PSNR) == {"whole"}
    order = [line.method for line in ranked(list(lines.values()), PSNR)]
    assert order == ["whole", "other", "shorter", "half"]


def test_an_image_that_no_method_was_scored_on_makes_nobody_partial() -> None:
    unscored = {"psnr_rgb_db": "no face was found in the truth"}
    lines = of(
        *(row(m, "0", metrics={"psnr_rgb_db": 20.0}) for m in "ab"),
        *(row(m, "1", unscored=unscored) for m in "ab"),
    )
    assert all(line.scores.partial == frozenset() for line in lines.values())
    (why,) = lines["a"].scores.unscored["psnr_rgb_db"]
    assert (why.rows, why.reason) == (1, "no face was found in the truth")


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_infinite_scores_and_no_numbers_are_missing_with_their_reason(value: float) -> None:
    odd = row("a", "1", metrics={"psnr_rgb_db": value})
    assert odd.score("psnr_rgb_db") is None
    assert odd.why_unscored == {"psnr_rgb_db": f"the metric returned {value}"}
    lines = of(row("a", "0", metrics={"psnr_rgb_db": 20.0}), odd,
               row("b", "0", metrics={"psnr_rgb_db": 19.0}),
               row("b", "1", metrics={"psnr_rgb_db": 19.0}))  # fmt: skip
    assert lines["a"].scores.means["psnr_rgb_db"].mean == 20.0
    assert lines["a"].scores.partial == {"psnr_rgb_db"}
    assert f"returned {value}" in lines["a"].scores.unscored["psnr_rgb_db"][0].reason


def test_scores_of_failed_rows_do_not_count() -> None:
    assert row("a", "0", RowState.FAILED, metrics={"ssim": 0.5}).score("ssim") is None


def test_an_image_counts_when_every_seed_of_it_does() -> None:
    rows = [
        row("a", image, seed=seed, metrics={"psnr_rgb_db": 20.0 + seed})
        for image in ("0", "1")
        for seed in (0, 1, 2)
    ]
    rows[-1] = row("a", "1", RowState.FAILED, seed=2, reason="broke")
    line = of(*rows, row("b", "1", metrics={"psnr_rgb_db": 18.0}))["a"]
    assert (line.coverage.seeds, line.coverage.images, line.coverage.ok, line.coverage.rows) == (
        3,
        2,
        1,
        6,
    )
    assert line.scores.means["psnr_rgb_db"].mean == 21.0
    assert line.scores.means["psnr_rgb_db"].n == 1
    assert line.scores.partial == {"psnr_rgb_db"}


def test_a_metric_of_other_splits_is_no_gap() -> None:
    made = results(["glean"], ["cat"], images=2)
    (line,) = summarise(made)
    assert "arcface_cosine" not in line.scores.means
    assert "arcface_cosine" not in line.scores.unscored


def test_reasons_are_counted() -> None:
    lines = of(*(row("a", str(i), RowState.UNAVAILABLE, reason="no weights") for i in range(4)))
    (absence,) = lines["a"].coverage.absences
    assert (absence.state, absence.reason, absence.rows) == (
        RowState.UNAVAILABLE, "no weights", 4)  # fmt: skip
    assert lines["a"].costs.latency_s is None
    assert lines["a"].scores.means == {}


def test_a_perceptual_metric_leads_where_there_is_one() -> None:
    def leading(*columns: str) -> str | None:
        made = results(["glean"], ["face"], 2, columns)
        found = analyse(made).leading
        return found.column if found else None

    assert leading("psnr_rgb_db", "st_lpips", "lpips_alex") == "lpips_alex"
    assert leading("psnr_rgb_db", "st_lpips") == "st_lpips"
    assert leading("ssim", "psnr_rgb_db") == "psnr_rgb_db"
    assert leading("ssim") == "ssim"
    assert leading() is None


def test_equal_means_are_all_best_and_one_alone_is_not() -> None:
    lines = of(*(row(m, "0", metrics={"psnr_rgb_db": 20.0}) for m in "ab"))
    assert best(list(lines.values()), PSNR) == {"a", "b"}
    assert best([lines["a"]], PSNR) == frozenset()
