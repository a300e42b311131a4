"""The orders that theory demands of stand-ins, and what it means if they are not kept.

Only what must be so is demanded. The truth is perfect. Half its resolution is nearer to it than
another picture, by every metric. In squared error, interpolation beats repetition, repetition
beats the best single colour, which beats another picture; and bicubic beats its mirror images, or
else the degradation moved what it shrank. A metric of perception puts a picture of four times the
input's pixels before the input's blocks, as people do: blocks are no sharpness. At 16x, on five
pictures of each rendered split, LPIPS (alex) gives the one 0.40 to 0.53 and the other 0.48 to 0.63,
ST-LPIPS 0.41 to 0.56 and 0.21 to 0.32, the wrong way round. Not demanded, since measured otherwise:
that it puts bicubic before blocks (cars: LPIPS 0.59 and 0.48) or before another, sharp picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bench.checks.sanity.stand_ins import StandIn
from bench.metrics.facts import Direction, MetricFacts, Role

if TYPE_CHECKING:
    from bench.stats import Interval

Order = tuple[StandIn, StandIn, str]  # the better, the worse, and what is wrong otherwise
Scores = Mapping[StandIn, Sequence[float | None]]  # of each stand-in, one score an image

METRIC = "the metric, or its direction, is not to be trusted"
OPERATOR = "the degradation, or the metric, is not what it claims to be"
ANY_METRIC: tuple[Order, ...] = ((StandIn.HALVED, StandIn.STRANGER, METRIC),)
SQUARED_ERROR: tuple[Order, ...] = (
    *ANY_METRIC,
    (StandIn.BICUBIC, StandIn.NEAREST, OPERATOR),
    (StandIn.NEAREST, StandIn.FLAT, OPERATOR),
    (StandIn.FLAT, StandIn.STRANGER, METRIC),
    (StandIn.BICUBIC, StandIn.MIRRORED, OPERATOR),
    (StandIn.BICUBIC, StandIn.UPSIDE_DOWN, OPERATOR),
)
ORDERS: Mapping[Role, tuple[Order, ...]] = {
    Role.PERCEPTION: (*ANY_METRIC, (StandIn.DOUBLED, StandIn.NEAREST, METRIC)),
    Role.CONSISTENCY: (
        *ANY_METRIC,
        (StandIn.BICUBIC, StandIn.STRANGER, OPERATOR),
        (StandIn.NEAREST, StandIn.STRANGER, OPERATOR),
    ),
    # Its reader errs on the truth too, picture by picture; on average the truth must be ahead.
    Role.FACTORS: ((StandIn.TRUTH, StandIn.STRANGER, METRIC), *ANY_METRIC),
}
TOLERANCE = 1e-3


def orders_of(facts: MetricFacts) -> tuple[Order, ...]:
    """What is demanded of a metric."""
    if facts.of_squared_error:
        return SQUARED_ERROR
    return ORDERS.get(facts.role, ANY_METRIC) if facts.role else ANY_METRIC


def needed(facts: MetricFacts) -> frozenset[StandIn]:
    """The stand-ins that a metric must score."""
    pairs = (pair[:2] for pair in orders_of(facts))
    return frozenset({StandIn.TRUTH, *(kind for pair in pairs for kind in pair)})


def judge(facts: MetricFacts, scores: Scores) -> list[str]:
    """What is wrong with a metric's scores, in sentences; empty if nothing is.

    An order is held to be broken only if the 95% interval of the mean difference leaves no
    room for it, which takes `bench.stats.FEWEST` images.
    """
    return [*imperfect(facts, scores), *disordered(facts, scores)]


def imperfect(facts: MetricFacts, scores: Scores) -> Iterator[str]:
    """Whether the truth is what no stand-in can be better than."""
    if facts.errs_on_truth:
        return
    truths = scores.get(StandIn.TRUTH, ())
    known = [value for value in truths if value is not None]
    perfect = facts.perfect
    if perfect is not None and (bad := [v for v in known if abs(v - perfect) > TOLERANCE]):
        yield (
            f"{facts.title}: the truth itself scores {bad[0]:.4g} instead of {perfect:g} on "
            f"{len(bad)} of {len(known)} images; {METRIC}"
        )
    for kind, values in scores.items():
        gains = differences(facts, values, truths)
        if better := sum(gain > TOLERANCE for gain in gains):
            yield (
                f"{facts.title}: {kind} scores better than the truth on {better} of "
                f"{len(gains)} images; {METRIC}"
            )


def disordered(facts: MetricFacts, scores: Scores) -> Iterator[str]:
    """Which orders are broken beyond chance."""
    # Scipy takes longer to import than a run whose checks are all on record should last.
    from bench.stats import mean_interval  # noqa: PLC0415

    for better, worse, meaning in orders_of(facts):
        gains = differences(facts, scores.get(better, ()), scores.get(worse, ()))
        interval = mean_interval(gains)
        if interval is not None and leaves_no_room(interval):
            yield (
                f"{facts.title}: {better} scores no better than {worse} "
                f"({mean(scores[better]):.4g} against {mean(scores[worse]):.4g} over "
                f"{interval.n} images); {meaning}"
            )


def leaves_no_room(interval: Interval) -> bool:
    """Whether a gain that should be positive is surely not."""
    return interval.high is not None and interval.high <= 0


def differences(
    facts: MetricFacts, better: Sequence[float | None], worse: Sequence[float | None]
) -> list[float]:
    """By how much the first are better, image by image, where both are scored."""
    sign = 1 if facts.better is Direction.HIGHER else -1
    return [
        sign * (a - b)
        for a, b in zip(better, worse, strict=False)
        if a is not None and b is not None
    ]


def mean(values: Sequence[float | None]) -> float:
    """Mean of the scores that are known; there is at least one."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known)
