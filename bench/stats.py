"""Means and how sure they are."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

RESAMPLES = 9_999
SEED = 20_260_101  # the same data give the same interval, in every run and on every machine


@dataclass(frozen=True)
class Interval:
    """A mean over `n` images, with its 95% interval; None where the data cannot give one."""

    mean: float
    low: float | None
    high: float | None
    n: int


def mean_interval(values: Sequence[float]) -> Interval | None:
    """The mean with its BCa bootstrap interval (Efron 1987); None of no values.

    One value has no interval. Values that are all equal have one of no width, and so have data
    too few and too alike for a bootstrap to tell apart: those fall back on the percentiles.
    """
    if not values:
        return None
    data = np.asarray(values, dtype=np.float64)
    mean = float(data.mean())
    if len(data) == 1:
        return Interval(mean, None, None, 1)
    if np.ptp(data) == 0:
        return Interval(mean, mean, mean, len(data))
    low, high = bootstrap(data, "BCa")
    if not (np.isfinite(low) and np.isfinite(high)):
        low, high = bootstrap(data, "percentile")
    return Interval(mean, low, high, len(data))


def bootstrap(data: np.ndarray, method: str) -> tuple[float, float]:
    """The bounds of a 95% bootstrap interval of the mean."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        found = stats.bootstrap(
            (data,),
            np.mean,
            n_resamples=RESAMPLES,
            method=method,
            rng=np.random.default_rng(SEED),
        ).confidence_interval
    return float(found.low), float(found.high)
