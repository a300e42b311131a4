"""Intervals: against scipy, against simulation, and where there is little to say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as scipy_stats

from bench.stats import (
    CONFIDENCE,
    FEWEST,
    bca_interval,
    expanded_confidence,
    mean_interval,
    resamples,
)


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


@pytest.mark.parametrize(("n", "least"), [(6, 0.90), (20, 0.93), (64, 0.935)])
@pytest.mark.parametrize("draw", ["normal", "gamma"])
def test_intervals_hold_the_true_mean_as_often_as_they_say(n: int, least: float, draw: str) -> None:
    rng = np.random.default_rng(7)
    truth, held = (0.0, 0) if draw == "normal" else (2.0, 0)
    for _ in range(2_000):
        data = rng.normal(size=n) if draw == "normal" else rng.gamma(2, size=n)
        found = mean_interval(list(data))
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
    assert least <= held / 2_000 <= 0.965


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
