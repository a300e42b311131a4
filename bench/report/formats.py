"""How numbers are written, in tables, plots and on the page alike."""

from __future__ import annotations

import math

from bench.metrics.facts import Direction, MetricFacts
from bench.stats import Interval

NOTHING = "–"
TIED, PARTIAL = "°", "†"  # at numbers: as good as the best; over other images than its column
DOUBTED = "‡"  # at the title of a metric that the sanity check found wanting
ARROWS = {Direction.HIGHER: "↑", Direction.LOWER: "↓"}
TIME_UNITS = (("s", 1.0), ("ms", 1e3), ("µs", 1e6))


def plain(text: str) -> str:
    """Text of strangers for a terminal: one line, and nothing that moves a cursor."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


BYTE_UNITS = (("GiB", 2.0**30), ("MiB", 2.0**20), ("KiB", 2.0**10), ("B", 1.0))


def header(facts: MetricFacts) -> str:
    """Such as `PSNR (dB) ↑`."""
    unit = f" ({facts.unit})" if facts.unit else ""
    return f"{facts.title}{unit} {ARROWS[facts.better]}"


def factor(name: str) -> str:
    """A factor in words: `hair colour` of `hair_colour`."""
    return name.replace("_", " ")


def number(facts: MetricFacts, value: float) -> str:
    """Two decimals for decibels, four for what lies between 0 and 1."""
    return f"{value:.{2 if facts.unit == 'dB' else 4}f}"


def signed(facts: MetricFacts, value: float) -> str:
    """A difference, with its sign, to the decimals of the scores; 0 has none."""
    text = f"{value:+.{2 if facts.unit == 'dB' else 4}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def probability(p: float | None) -> str:
    """A p value; very small ones are said to be."""
    if p is None:
        return NOTHING
    return "<0.0001" if p < 1e-4 else f"{p:.4f}"


def score(facts: MetricFacts, interval: Interval | None) -> tuple[str, str]:
    """The mean and, where it has one, its interval: `26.84` and `[26.10, 27.55]`."""
    if interval is None:
        return NOTHING, ""
    mean = number(facts, interval.mean)
    if interval.low is None or interval.high is None:
        return mean, ""
    return mean, f"[{number(facts, interval.low)}, {number(facts, interval.high)}]"


def latency(median: float | None, quartiles: tuple[float, float] | None) -> tuple[str, str]:
    """The median and its quartiles in the unit that suits: `12.3 ms` and `[11.9, 14.0]`."""
    if median is None:
        return NOTHING, ""
    unit, factor = next((u for u in TIME_UNITS if median * u[1] >= 1), TIME_UNITS[-1])
    text = f"{significant(median * factor)} {unit}"
    if quartiles is None:
        return text, ""
    first, third = (significant(value * factor) for value in quartiles)
    return text, f"[{first}, {third}]"


def decade(value: float) -> str:
    """A power of ten of seconds, as axes have it: `10 ms`."""
    unit, factor = next((u for u in TIME_UNITS if value * u[1] >= 0.999), TIME_UNITS[-1])
    return f"{value * factor:g} {unit}"


def binary(value: float) -> str:
    """A power of two of bytes, as axes have it: `16 MiB`."""
    unit, factor = next((u for u in BYTE_UNITS if value >= u[1]), BYTE_UNITS[-1])
    return f"{value / factor:g} {unit}"


def millions(value: int | None) -> str:
    """Parameters, in millions."""
    return NOTHING if value is None else significant(value / 1e6)


def billions(value: int | None) -> str:
    """Multiply-accumulates, in billions."""
    return NOTHING if value is None else significant(value / 1e9)


def mebibytes(value: int | None) -> str:
    """Memory, in MiB."""
    return NOTHING if value is None else significant(value / 2**20)


def significant(value: float) -> str:
    """Three significant digits, never an exponent; what is below a thousandth is said to be."""
    if value == 0:
        return "0"
    if abs(value) < 1e-3:
        return "<0.001"
    places = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    # 9.996 becomes 10.00, which is one digit more than three.
    places = 2 - math.floor(math.log10(abs(rounded)))
    return f"{rounded:.{max(places, 0)}f}"
