"""Latency beside that of the baseline, in units of the calibration kernel of each run.

Measured with seven runs each of a method and of one with half as much again to do (24 images, two
cores, two to five other processes at work): of 84 comparisons of a method with itself none was
told slower or faster; of 49 with the heavier one 35 were told slower, none faster, and the others
unsure or unchanged.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import fmean, median

from bench.analysis.regress.findings import LEAST_S, RegressFinding, RegressVerdict, Terms
from bench.analysis.regress.pairs import Group, Pair
from bench.core.rows import Row
from bench.stats import FEWEST, Interval, mean_interval

SUBJECT = "latency"


def latency(group: Group, terms: Terms) -> RegressFinding | None:
    """The ratio of latencies over the images that both restored; None if there are none.

    On a CPU the process's CPU time must agree: latency alone grows with whatever else the
    machine does.
    """
    timed = [p for p in group.ok if p.baseline.latency_s and p.run.latency_s]
    if not timed:
        return None
    obstacles = [obstacle_of(p.baseline, p.run) for p in timed]
    comparable = [p for p, obstacle in zip(timed, obstacles, strict=True) if not obstacle]
    if not comparable:
        return group.finding(SUBJECT, RegressVerdict.NOT_COMPARED, note=obstacles[0])
    left_out = len(timed) - len(comparable)
    remark = f"{left_out} of {len(timed)} not compared: {max(obstacles)}" if left_out else ""
    timed = comparable
    ratio = ratio_of(timed, lambda row: row.latency_s, lambda row: row.calibration_s)
    assert ratio is not None
    cpu = None
    if "cpu" in {p.run.timed_under.partition(",")[0] for p in timed}:
        cpu = ratio_of(timed, lambda row: row.cpu_s, lambda row: row.calibration_cpu_s)
    before = median(p.baseline.latency_s or 0 for p in timed)
    now = median(p.run.latency_s or 0 for p in timed)
    verdict, note = verdict_on(ratio, cpu, terms.time_margin)
    # In seconds of the machine as fast as it was: the kernel may have changed its pace.
    if verdict is not RegressVerdict.UNCHANGED and abs(ratio.mean - 1) * before < LEAST_S:
        verdict, note = RegressVerdict.UNCHANGED, "less than a millisecond"
    return group.finding(
        SUBJECT,
        verdict,
        baseline=before,
        run=now,
        change=ratio,
        seconds_ratio=now / before,
        margin=terms.time_margin,
        images=ratio.n,
        note="; ".join(filter(None, (note, remark))),
    )


def obstacle_of(before: Row, now: Row) -> str:
    """Why times of two rows do not compare; empty if they do."""
    if not (before.machine and now.machine):
        return "one of the two does not say on what machine it was timed"
    if before.machine != now.machine:
        return f"machines differ: {before.machine}; {now.machine}"
    if before.timed_under != now.timed_under:
        return f"conditions differ: {before.timed_under}; {now.timed_under}"
    if not (before.calibration_s and now.calibration_s):
        return "one of the two has no calibration kernel on record"
    return ""


def ratio_of(
    pairs: Sequence[Pair],
    time_of: Callable[[Row], float | None],
    kernel_of: Callable[[Row], float | None],
) -> Interval | None:
    """Mean ratio of times, each in units of its kernel's, geometric, with its interval."""
    logs: dict[str, list[float]] = {}
    for pair in pairs:
        old, new = time_of(pair.baseline), time_of(pair.run)
        kernel_old, kernel_new = kernel_of(pair.baseline), kernel_of(pair.run)
        if old and new and kernel_old and kernel_new:
            log = math.log(new / kernel_new) - math.log(old / kernel_old)
            logs.setdefault(pair.baseline.image, []).append(log)
    interval = mean_interval([fmean(values) for values in logs.values()])
    if interval is None:
        return None
    low, high = (None if b is None else math.exp(b) for b in (interval.low, interval.high))
    return Interval(math.exp(interval.mean), low, high, interval.n)


def verdict_on(ratio: Interval, cpu: Interval | None, margin: float) -> tuple[RegressVerdict, str]:
    """Significance first, then the margin, then whether CPU time says the same."""
    beyond = sign_beyond(ratio.mean, margin)
    if not beyond:
        return RegressVerdict.UNCHANGED, ""
    if ratio.low is None or ratio.high is None:
        return RegressVerdict.UNSURE, f"{ratio.n} images are too few to tell; {FEWEST} would do"
    if ratio.low <= 1 <= ratio.high:
        return RegressVerdict.UNCHANGED, "beyond the margin, but not beyond chance"
    if cpu is not None and sign_beyond(cpu.mean, margin) != beyond:
        return RegressVerdict.UNSURE, (
            f"CPU time changed by {cpu.mean:.2f}x only: other work on the machine, or threads "
            f"that wait"
        )
    return RegressVerdict.SLOWER if beyond > 0 else RegressVerdict.FASTER, ""


def sign_beyond(ratio: float, margin: float) -> int:
    """1 for slower by more than the margin, -1 for faster, 0 for neither."""
    log = math.log(ratio)
    return int(math.copysign(1, log)) if abs(log) > math.log1p(margin) else 0
