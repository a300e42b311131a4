"""Methods against each other: common images, ties, copies, and what a table may say of them."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats as scipy_stats

from bench.analysis.analysis import analyse
from bench.analysis.csv_lines import pair_lines, summary_lines
from bench.analysis.pairs import groups_on, pairs_of, pairs_on
from bench.analysis.ranking import line_up, rank
from bench.analysis.summary import summarise
from bench.core.rows import Row, RowState
from bench.metrics.facts import Direction
from bench.report.tables.markdown import summary_markdown
from bench.report.tables.pairwise import against_best, all_pairs
from bench.report.tables.seeds import seed_rows
from bench.results.pairs_csv import pairs_csv
from bench.results.results import Results
from bench.results.summary_csv import summary_csv
from bench.stats import holm
from bench.stats.signed_rank import signed_rank_p
from tests.report.test_report import table
from tests.support.synthetic import COLUMNS, METRICS, results

PSNR, LPIPS = METRICS["psnr_rgb_db"], METRICS["lpips_alex"]


def scored(values: dict[str, np.ndarray], column: str = "psnr_rgb_db") -> Results:
    """Rows with these scores of each method, image by image; a NaN is a failed row."""
    rows = [
        Row(method, "face", f"{i:03d}", 16, "o#0", 0,
            RowState.FAILED if np.isnan(value) else RowState.OK,
            metrics={} if np.isnan(value) else {column: float(value)})
        for method, scores in values.items()
        for i, value in enumerate(scores)
    ]  # fmt: skip
    return Results(tuple(rows), (), (METRICS[column],), {}, {}, {})


def by_image(scores: np.ndarray) -> dict[str, dict[str, float]]:
    return {"psnr_rgb_db": {str(i): float(value) for i, value in enumerate(scores)}}


def test_a_copy_is_never_told_apart_and_shares_the_first_place() -> None:
    for seed in range(100):
        rng = np.random.default_rng(seed)
        original = rng.normal(25, 3, 64)
        made = {"original": by_image(original), "copy": by_image(original * (1 + 1e-9))}
        (pair,) = pairs_of(made, [PSNR])
        assert pair.difference is not None
        assert (pair.difference.ties, pair.p_holm, pair.is_told_apart) == (64, 1.0, False)
        means = {method: float(original.mean()) for method in made}
        assert groups_on(PSNR, means, 64, [pair]) == {"original": 1, "copy": 1}


def test_methods_of_equal_quality_are_told_apart_in_at_most_five_of_100_tables() -> None:
    wrong = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        hard = rng.normal(25, 3, 64)
        made = {m: by_image(hard + rng.gamma(2, 0.5, 64)) for m in "abcd"}
        pairs = pairs_on(PSNR, made)
        means = {
            m: float(np.mean(list(found["psnr_rgb_db"].values()))) for m, found in made.items()
        }
        groups = groups_on(PSNR, means, 64, pairs)
        assert any(pair.is_told_apart for pair in pairs) or set(groups.values()) == {1}
        wrong += any(pair.is_told_apart for pair in pairs)
    assert wrong <= 5


def test_the_error_of_a_whole_column_is_kept_over_many_tables() -> None:
    rng = np.random.default_rng(11)
    wrong = 0
    for _ in range(1_000):
        scores = rng.gamma(2, 1, (4, 64))
        p = [signed_rank_p(scores[i] - scores[j]) for i in range(4) for j in range(i)]
        wrong += min(holm([value for value in p if value is not None])) < 0.05
    assert wrong / 1_000 <= 0.065  # 5%, and twice the standard error of a thousand tables


def test_a_true_difference_is_found_and_ranks_the_methods() -> None:
    rng = np.random.default_rng(0)
    hard = rng.normal(25, 3, 64)
    noise = rng.normal(0, 0.5, (3, 64))
    made = scored({"worst": hard - 2 + noise[0], "best": hard + noise[1], "good": hard + noise[2]})
    lines = summarise(made)
    found = line_up(lines, made.metrics).rankings["psnr_rgb_db"]
    assert set(found.groups[0]) == {"best", "good"}
    assert found.groups[1:] == (("worst",),)
    assert len(found.tied) == 1
    entries = {(e["method_a"], e["method_b"]): e for e in table(pairs_csv(pair_lines(lines)))}
    assert len(entries) == 3
    entry = entries["worst", "best"]
    a, b = (np.array([r.metrics["psnr_rgb_db"] for r in made.rows if r.method == m])
            for m in ("worst", "best"))  # fmt: skip
    assert float(entry["mean_difference"]) == pytest.approx(np.mean(a - b), rel=1e-6)
    assert float(entry["p_wilcoxon"]) == pytest.approx(scipy_stats.wilcoxon(a, b).pvalue, rel=1e-6)
    assert float(entry["p_holm"]) >= float(entry["p_wilcoxon"])
    assert int(entry["wins"]) + int(entry["ties"]) + int(entry["losses"]) == 64
    assert entry["told_apart"] == "True"
    assert list(entry)[:14] == [
        "method_a", "method_b", "split", "scale", "metric", "n_common", "mean_difference",
        "ci_low", "ci_high", "p_wilcoxon", "p_holm", "wins", "ties", "losses",
    ]  # fmt: skip


def test_lower_is_better_where_it_is() -> None:
    rng = np.random.default_rng(1)
    base = rng.uniform(0.2, 0.4, 32)
    made = scored({"low": base, "high": base + 0.1}, "lpips_alex")
    lines = summarise(made)
    assert lines[0].scores.groups == {"lpips_alex": 1}
    assert lines[1].scores.groups == {"lpips_alex": 2}
    (pair,) = lines[0].pairs
    assert pair.difference is not None
    assert LPIPS.better is Direction.LOWER
    assert (pair.difference.wins, pair.difference.losses) == (32, 0)
    assert pair.difference.mean == pytest.approx(-0.1)


def test_a_copy_shares_the_first_place_where_scores_are_near_zero() -> None:
    """By a distance that both bring to 0 but for rounding, neither wins on any image."""
    rng = np.random.default_rng(3)
    noise = rng.uniform(1e-9, 1e-7, 20)
    made = scored({"exact": np.zeros(20), "copy": noise, "worse": noise + 1e-3}, "lpips_alex")
    found = analyse(made).tables[0].whole.rankings["lpips_alex"]
    assert set(found.best) == {"exact", "copy"}
    assert [set(group) for group in found.groups] == [{"exact", "copy"}, {"worse"}]
    pair = next(p for p in found.pairs if {p.method_a, p.method_b} == {"exact", "copy"})
    assert pair.difference is not None
    assert (pair.difference.ties, pair.p_holm, pair.is_told_apart) == (20, 1.0, False)


def test_pairs_are_over_the_images_of_both_and_partial_methods_take_no_place() -> None:
    scores = np.linspace(20, 30, 20)
    gap = np.where(np.arange(20) < 5, np.nan, scores + 5)
    lines = {
        line.method: line for line in summarise(scored({"a": scores, "b": scores - 1, "gap": gap}))
    }
    by_methods = {
        (p.method_a, p.method_b): p.difference for line in lines.values() for p in line.pairs
    }
    assert {pair: found.n for pair, found in by_methods.items() if found} == {
        ("a", "b"): 20, ("a", "gap"): 15, ("b", "gap"): 15}  # fmt: skip
    difference = by_methods["a", "gap"]
    assert difference is not None
    assert difference.mean == pytest.approx(-5)  # not the difference of the two means
    assert lines["gap"].scores.groups == {}
    assert lines["a"].scores.groups == {"psnr_rgb_db": 1}


def test_methods_that_share_no_image_are_a_pair_without_numbers() -> None:
    first = np.array([20.0, 21.0, np.nan, np.nan])
    lines = summarise(scored({"a": first, "b": first[::-1]}))
    (entry,) = table(pairs_csv(pair_lines(lines)))
    assert (entry["n_common"], entry["mean_difference"], entry["p_holm"]) == ("0", "", "")
    assert all(line.scores.groups == {} for line in lines)


def test_a_table_over_common_images_stands_beside_one_with_gaps() -> None:
    scores = np.linspace(20, 30, 20)
    late = np.where(np.arange(20) < 5, np.nan, scores + 5)
    few = np.where(np.arange(20) < 12, np.nan, scores)
    made = scored({"a": scores, "late": late, "few": few})
    analysis = analyse(made)
    found = analysis.tables[0].common
    assert (found.images, found.of, found.is_whole) == (15, 20, False)
    assert all(
        line.scores.by_image["psnr_rgb_db"].keys() == {f"{i:03d}" for i in range(5, 20)}
        for line in found.lineup.lines
    )
    assert found.left_out == ("few",)
    means = {line.method: line.scores.means["psnr_rgb_db"].mean for line in found.lineup.lines}
    assert means == {
        "a": pytest.approx(scores[5:].mean()),
        "late": pytest.approx(scores[5:].mean() + 5),
    }
    assert all(
        line.scores.partial == frozenset() and line.coverage.images == 15
        for line in found.lineup.lines
    )
    text = summary_markdown(analysis)
    assert "on the 15 images that all of these restored" in text
    assert "Left out, having restored less than half of the images: few." in text
    head = text.partition("### face, 16x: on the 15")[0]
    assert head.count("–†") == 2  # a mean over other images does not stand beside the others
    whole = analyse(scored({"a": scores, "b": scores})).tables[0]
    assert whole.common.is_whole
    assert whole.common.lineup is whole.whole


def test_few_images_have_no_interval_no_test_and_no_groups_and_it_is_said() -> None:
    made = results(["glean", "bicubic"], ["face"], images=5)
    lines = summarise(made)
    assert all(line.scores.groups == {} for line in lines)
    entry = table(pairs_csv(pair_lines(lines)))[0]
    assert (entry["n_common"], entry["ci_low"], entry["p_wilcoxon"], entry["p_holm"]) == (
        "5", "", "", "")  # fmt: skip
    assert entry["mean_difference"] != ""
    text = summary_markdown(analyse(made))
    assert "Fewer than 6 images have no interval, no test and no tie groups." in text
    assert "Tie groups, best first" not in text


def test_images_that_cannot_tell_the_methods_apart_are_said_to_be_too_few() -> None:
    words = "So few images cannot tell so many methods apart"
    few = results(["nearest", "bicubic", "glean", "pulse", "esrgan"], ["face"], images=7)
    assert words in summary_markdown(analyse(few))
    enough = results(["glean", "pulse"], ["face"], images=7)
    assert words not in summary_markdown(analyse(enough))


def test_seeds_have_a_mean_a_spread_and_a_best_that_is_called_so() -> None:
    rows = [
        Row("random", "face", image, 16, "o#0", seed, RowState.OK,
            metrics={"psnr_rgb_db": value, "lpips_alex": value / 100})
        for image, values in {"0": (20.0, 22.0, 24.0), "1": (30.0, 27.0, 24.0)}.items()
        for seed, value in enumerate(values)
    ]  # fmt: skip
    made = Results(tuple(rows), (), (PSNR, LPIPS), {}, {}, {})
    (line,) = summarise(made)
    assert line.scores.means["psnr_rgb_db"].mean == pytest.approx(24.5)
    spread = line.scores.spread["psnr_rgb_db"]
    assert (spread.seeds, spread.best_of_k) == (3, pytest.approx(27.0))
    assert spread.sd == pytest.approx(np.std([25.0, 24.5, 24.0], ddof=1))
    assert line.scores.spread["lpips_alex"].best_of_k == pytest.approx(0.22)
    (entry,) = table(summary_csv(made, summary_lines([line])))
    assert float(entry["psnr_rgb_db_best_of_k"]) == pytest.approx(27.0)
    assert float(entry["psnr_rgb_db_seed_sd"]) == pytest.approx(0.5)
    text = summary_markdown(analyse(made))
    assert "best of k, chosen with the truth" in text
    assert next(row.cells[1:] for row in seed_rows(line_up([line], made.metrics))) == (
        "3", "24.50", "0.50", "27.00")  # fmt: skip
    single = summarise(replace(made, rows=tuple(rows[::3])))
    assert single[0].scores.spread == {}


def test_pair_tables_are_oriented_and_in_order() -> None:
    made = results(["pulse", "glean", "bicubic"], ["face"], images=24)
    ranking = rank(summarise(made), LPIPS)
    found = against_best(ranking)
    assert [row.method_a for row in found] == ["PULSE", "Bicubic (MATLAB)"]
    assert all(row.method_b == "GLEAN" and row.difference.startswith("+") for row in found)
    assert all(row.is_told_apart and row.images == "24" for row in found)
    every = all_pairs(ranking)
    assert [(row.method_a, row.method_b) for row in every] == [
        ("GLEAN", "PULSE"), ("GLEAN", "Bicubic (MATLAB)"), ("PULSE", "Bicubic (MATLAB)")]  # fmt: skip
    assert all(row.difference.startswith("−") for row in every)
    assert every[0].counts == "24 / 0 / 0"


def test_a_large_table_is_summarised_in_seconds() -> None:
    methods = ["nearest", "bicubic", "lanczos", "srgan", "esrgan", "glean", "pulse", "mganprior"]
    made = results(methods, ["face", "cat", "car", "bedroom", "tower"], 64, (*COLUMNS, "lpips_vgg"))
    start = time.process_time()
    lines = summarise(made)
    assert len(table(pairs_csv(pair_lines(lines)))) == 28 * (7 + 4 * 6)
    assert time.process_time() - start < 10  # measured: 0.7 s
