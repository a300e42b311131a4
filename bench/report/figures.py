"""How numbers are written, in tables and on the page alike."""

from __future__ import annotations

from bench.metrics.registry import Direction, MetricFacts
from bench.stats import Interval

ARROWS = {Direction.HIGHER: "↑", Direction.LOWER: "↓"}


def decimals(facts: MetricFacts) -> int:
    """Two for decibels, four for what lies between 0 and 1."""
    return 2 if facts.unit == "dB" else 4


def header(facts: MetricFacts) -> str:
    """Such as `PSNR (dB) ↑`."""
    unit = f" ({facts.unit})" if facts.unit else ""
    return f"{facts.title}{unit} {ARROWS[facts.better]}"


def score(facts: MetricFacts, interval: Interval | None) -> str:
    """The mean, with its interval where it has one."""
    if interval is None:
        return "–"
    d = decimals(facts)
    mean = f"{interval.mean:.{d}f}"
    if interval.low is None or interval.high is None:
        return mean
    return f"{mean} [{interval.low:.{d}f}, {interval.high:.{d}f}]"


def seconds(value: float | None) -> str:
    """Three digits with the unit that suits."""
    if value is None:
        return "–"
    if value < 1e-3:  # noqa: PLR2004
        return f"{value * 1e6:.3g} µs"
    return f"{value * 1e3:.3g} ms" if value < 1 else f"{value:.3g} s"


def count(value: int | None) -> str:
    """Parameters and multiply-accumulates: K, M, G, T."""
    if value is None:
        return "–"
    for unit, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("K", 1e3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return str(value)


def memory(value: int | None) -> str:
    """Binary megabytes."""
    return "–" if value is None else f"{value / 2**20:.0f} MiB"
