"""How sure a number is: intervals, paired differences, tie groups, agreement of orders."""

from bench.stats.agreement import Agreement, rank_agreement
from bench.stats.groups import tie_groups
from bench.stats.intervals import (
    CONFIDENCE,
    FEWEST,
    RESAMPLES,
    Interval,
    Values,
    bca_interval,
    expanded_confidence,
    mean_interval,
    resamples,
)
from bench.stats.paired import (
    SIGNIFICANCE,
    PairedDifference,
    holm,
    holm_of,
    is_told_apart,
    paired_difference,
)
from bench.stats.resolution import RESOLUTION, are_equal

__all__ = [
    "CONFIDENCE",
    "FEWEST",
    "RESAMPLES",
    "RESOLUTION",
    "SIGNIFICANCE",
    "Agreement",
    "Interval",
    "PairedDifference",
    "Values",
    "are_equal",
    "bca_interval",
    "expanded_confidence",
    "holm",
    "holm_of",
    "is_told_apart",
    "mean_interval",
    "paired_difference",
    "rank_agreement",
    "resamples",
    "tie_groups",
]
