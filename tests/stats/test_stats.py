"""Intervals: against scipy, against simulation, and where there is little to say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as scipy_stats

from bench.stats import (
    CONFIDENCE,
    FEWEST,
    Agreement,
    bca_interval,
    expanded_confidence,
    holm,
    is_told_apart,
    mean_interval,
    paired_difference,
    rank_agreement,
    resamples,
    tie_groups,
)
from bench.stats.signed_rank import ranks_of, signed_rank_p


@pytest.mark.parametrize("n", [6, 12, 64])
@pytest.mark.parametrize("draw", ["normal", "exponential"])
def test_bounds_are_those_of_scipy_but_for_the_draw(n: int, draw: str) -> None:
    data = getattr(np.random.default_rng(n), draw)(size=n)
    ours = bca_interval(data, CONFIDENCE)
    theirs = scipy_stats.bootstrap(
        (data,), np.mean, method="BCa", n_resamples=9_999, rng=np.random.default_rng(1)
    ).confidence_interval
    width = theirs.high - theirs.low
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.06 * width)


def differences(draw: str, n: int, runs: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Scores of two methods, (runs, n) each, on images of which some are harder, and the true
    mean of their difference."""
    rng = np.random.default_rng([n, len(draw)])
    hard = rng.normal(25, 3, (runs, n))
    noise, mean = {
        "normal": (rng.normal(0.3, 1, (runs, n)), 0.3),
        "gamma": (rng.gamma(2, 1, (runs, n)), 2.0),
        "exponential": (rng.exponential(1, (runs, n)), 1.0),
        "lognormal": (rng.lognormal(0, 0.5, (runs, n)), float(np.exp(0.125))),
        "heavy tails": (rng.standard_t(5, (runs, n)), 0.0),
        "two skews": (rng.exponential(1, (runs, n)) - rng.exponential(2, (runs, n)), -1.0),
    }[draw]
    return hard + noise, hard, mean


def coverage(draw: str, n: int, runs: int = 2_000) -> float:
    """The share of simulated comparisons whose interval holds the true mean difference."""
    first, second, mean = differences(draw, n, runs)
    held = 0
    for a, b in zip(first, second, strict=True):
        found = paired_difference(a, b, higher_is_better=True)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= mean <= found.high
    return held / runs


@pytest.mark.parametrize(
    ("draw", "n"),
    [("normal", 64), ("exponential", 64), ("two skews", 100), ("lognormal", 100)],
)
def test_intervals_of_differences_hold_the_truth_in_95_of_100_comparisons(
    draw: str, n: int
) -> None:
    assert 0.935 <= coverage(draw, n) <= 0.965


@pytest.mark.slow
@pytest.mark.parametrize("n", [64, 100])
@pytest.mark.parametrize(
    "draw", ["normal", "gamma", "exponential", "lognormal", "heavy tails", "two skews"]
)
def test_so_they_do_whatever_the_shape(draw: str, n: int) -> None:
    assert 0.935 <= coverage(draw, n) <= 0.965


@pytest.mark.parametrize(("n", "least"), [(6, 0.90), (20, 0.925)])
@pytest.mark.parametrize("draw", ["normal", "gamma"])
def test_of_few_images_they_hold_it_nearly_as_often(n: int, least: float, draw: str) -> None:
    assert least <= coverage(draw, n) <= 0.965


@pytest.mark.parametrize("n", [6, 20, 64])
@pytest.mark.parametrize("draw", ["normal", "exponential"])
def test_a_paired_difference_is_what_scipy_and_numpy_say(n: int, draw: str) -> None:
    first, second, _ = differences(draw, n, 1)
    a, b = first[0], second[0].copy()
    b[0] = a[0]
    found = paired_difference(a, b, higher_is_better=False)
    assert found is not None
    assert found.mean == pytest.approx(np.mean(a - b))
    assert (found.mean_a, found.mean_b) == pytest.approx((np.mean(a), np.mean(b)))
    assert found.p_wilcoxon == scipy_stats.wilcoxon(a, b).pvalue
    assert (found.wins, found.ties, found.losses) == (sum(a < b), 1, sum(a > b))
    interval = mean_interval(a - b)
    assert interval is not None
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    back = paired_difference(b, a, higher_is_better=False)
    assert back is not None
    assert (back.wins, back.mean, back.p_wilcoxon) == (found.losses, -found.mean, found.p_wilcoxon)
    turned = found.reversed()
    assert (turned.mean, turned.wins, turned.losses) == (back.mean, back.wins, back.losses)
    assert turned.rank_biserial == pytest.approx(back.rank_biserial)
    width = (found.high or 0) - (found.low or 0)
    assert turned.low == pytest.approx(back.low, abs=0.06 * width)  # the draw is not mirrored


def test_the_test_is_that_of_scipy_to_the_last_bit() -> None:
    rng = np.random.default_rng(4)
    for n in (6, 7, 12, 13, 14, 20, 49, 50, 51, 64, 300):
        # Of ties in up to 13 values, scipy tries all changes of signs: a second each.
        for case in range(3 if n in (12, 13) else 12):
            values = rng.normal(0.2, 1, n)
            if case % 3:  # ties, and in every second of these cases zeros
                values = np.round(values, case % 2)
                values[values == 0] = 0.3 if case % 2 else 0.0
            if not values.any():
                continue
            assert signed_rank_p(values) == scipy_stats.wilcoxon(values).pvalue, (n, values)
            sizes = np.abs(values)
            assert np.array_equal(ranks_of(sizes)[0], scipy_stats.rankdata(sizes))


def test_the_agreement_is_that_of_scipy() -> None:
    rng = np.random.default_rng(5)
    for n in (2, 3, 8, 40):
        for _ in range(20):
            first, second = np.round(rng.normal(size=(2, n)), 1)
            tau = float(scipy_stats.kendalltau(first, second).statistic)
            found = rank_agreement(first, second)
            assert (found is None) == np.isnan(tau)
            assert found is None or found.tau == pytest.approx(tau, abs=1e-12)


def test_rank_biserial_says_who_wins_most_of_the_ranks() -> None:
    def effect(*values: float) -> float:
        found = paired_difference(values, [0.0] * len(values), higher_is_better=True)
        assert found is not None
        return found.rank_biserial

    assert effect(1, 2, 3) == 1
    assert effect(-1, -2, -3) == -1
    assert effect(0, 0) == 0
    assert effect(1, -2) == pytest.approx(-1 / 3)


def test_rounding_is_no_difference() -> None:
    scores = np.random.default_rng(0).uniform(0.2, 30, 40)
    found = paired_difference(scores * (1 + 1e-8), scores, higher_is_better=True)
    assert found is not None
    assert (found.mean, found.p_wilcoxon, found.ties) == (0.0, 1.0, 40)


def test_rounding_is_no_difference_of_scores_near_zero() -> None:
    """A cosine of two strangers, a distance of two copies: float32 sums end within 1e-7 of 0."""
    rng = np.random.default_rng(1)
    for scores in (np.zeros(40), rng.uniform(-1e-7, 1e-7, 40), rng.uniform(-0.2, 0.2, 40)):
        found = paired_difference(
            scores + rng.uniform(1e-8, 2e-7, 40), scores, higher_is_better=True
        )
        assert found is not None
        assert (found.mean, found.p_wilcoxon) == (0.0, 1.0)
        assert (found.wins, found.ties, found.losses) == (0, 40, 0)
    # What a table can show is a difference, however small the scores are.
    found = paired_difference([6e-5] * 8, [1e-5] * 8, higher_is_better=True)
    assert found is not None
    assert (found.wins, found.ties) == (8, 0)


def test_orders_agree_on_what_rounding_put_apart() -> None:
    assert rank_agreement([0.1, 0.2, 0.3], [3e-8, 0.0, 1e-8]) is None  # all of them equal
    assert rank_agreement([1, 2, 3], [0.25, 0.25 + 1e-8, 0.5]) == rank_agreement(
        [1, 2, 3], [0.25, 0.25, 0.5]
    )


def test_few_pairs_have_a_mean_and_no_more() -> None:
    assert paired_difference([], [], higher_is_better=True) is None
    found = paired_difference([2.0] * 5, [1.0] * 5, higher_is_better=True)
    assert found is not None
    assert (found.mean, found.low, found.high, found.p_wilcoxon) == (1.0, None, None, None)
    assert found.wins == 5
    assert not is_told_apart(found, None)
    with pytest.raises(ValueError, match="not 2 and 1"):
        paired_difference([1.0, 2.0], [1.0], higher_is_better=True)


def test_one_outlier_that_turns_the_mean_tells_nobody_apart() -> None:
    scores = [0.1] * 19 + [-9.0]
    found = paired_difference(scores, [0.0] * 20, higher_is_better=True)
    assert found is not None
    assert found.mean < 0
    assert (found.p_wilcoxon or 1) < 0.01
    assert not is_told_apart(found, found.p_wilcoxon)


def test_holm_is_the_procedure_of_his_paper() -> None:
    assert holm([]) == []
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    rng = np.random.default_rng(3)
    p = rng.uniform(size=20) ** 3
    # Holm rejects step by step what Bonferroni over the hypotheses left would.
    rejected, left = set(), sorted(range(20), key=lambda i: p[i])
    while left and p[left[0]] * len(left) < 0.05:
        rejected.add(left.pop(0))
    assert {i for i, q in enumerate(holm(list(p))) if q < 0.05} == rejected


def test_tie_groups_are_led_by_the_best_of_those_left() -> None:
    apart = {("a", "c"), ("a", "d"), ("b", "d"), ("c", "d")}

    def told(first: str, second: str) -> bool:
        return (first, second) in apart or (second, first) in apart

    assert tie_groups("abcd", told) == {"a": 1, "b": 1, "c": 2, "d": 3}
    assert tie_groups("abc", lambda *_: False) == {"a": 1, "b": 1, "c": 1}
    assert tie_groups("abc", lambda *_: True) == {"a": 1, "b": 2, "c": 3}
    assert tie_groups("", told) == {}


def test_orders_agree_as_kendall_says() -> None:
    same = rank_agreement([1, 2, 3, 4], [10, 20, 30, 40])
    assert same == Agreement(pytest.approx(1.0), 4)
    assert rank_agreement([1, 2, 3], [3, 2, 1]) == Agreement(pytest.approx(-1.0), 3)
    swapped = rank_agreement([1, 2, 3, 4], [1, 3, 2, 4])
    assert swapped == Agreement(pytest.approx(4 / 6), 4)
    assert rank_agreement([1.0], [2.0]) is None
    assert rank_agreement([1.0, 1.0], [2.0, 3.0]) is None


def test_the_level_widens_a_bootstrap_interval_to_students_t() -> None:
    for n in (6, 10, 100):
        z = scipy_stats.norm.ppf((1 + expanded_confidence(n)) / 2)
        wanted = scipy_stats.t.ppf(0.975, n - 1)
        assert z * np.sqrt((n - 1) / n) == pytest.approx(wanted)
    assert expanded_confidence(10_000) == pytest.approx(CONFIDENCE, abs=1e-4)


def test_little_data_say_little() -> None:
    assert mean_interval([]) is None
    for n in (1, 2, FEWEST - 1):
        found = mean_interval([float(i) for i in range(n)])
        assert found is not None
        assert (found.mean, found.low, found.high, found.n) == ((n - 1) / 2, None, None, n)


def test_values_that_only_rounding_put_apart_are_equal() -> None:
    # As ratios of times that all halved: every logarithm is that of a half, give or take its last digits.
    for kernel in np.linspace(1e-3, 3e-3, 200):
        times = (0.05 + 0.001 * np.arange(8)) / kernel
        found = mean_interval(np.log(0.5 * times) - np.log(times))
        assert found is not None
        assert found.low == found.high == pytest.approx(np.log(0.5))


@pytest.mark.parametrize("value", [0.0, 100.0, 0.1])
def test_equal_values_have_an_interval_without_width(value: float) -> None:
    found = mean_interval([value] * 9)
    assert found is not None
    assert found.low == found.high == pytest.approx(value)


def test_one_outlier_among_equal_values_is_survived() -> None:
    found = mean_interval([0.0] * 19 + [1.0])
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low < found.mean < found.high <= 1


def test_intervals_shift_and_scale_with_the_data_and_repeat() -> None:
    data = np.random.default_rng(5).exponential(size=30)
    first, again = mean_interval(list(data)), mean_interval(list(data))
    assert first == again
    moved = mean_interval(list(3 * data + 10))
    assert first is not None
    assert moved is not None
    assert moved.low == pytest.approx(3 * (first.low or 0) + 10)
    assert moved.high == pytest.approx(3 * (first.high or 0) + 10)


def test_every_resample_draws_as_many_values_as_there_are() -> None:
    counts = resamples(7)
    assert counts.shape == (9_999, 7)
    assert set(counts.sum(axis=1)) == {7.0}


def test_values_that_differ_by_rounding_alone_have_an_interval_without_width() -> None:
    found = mean_interval([0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2, 0.3, 0.3, 0.3])
    assert found is not None
    assert found.low == found.high == found.mean == pytest.approx(0.3)
