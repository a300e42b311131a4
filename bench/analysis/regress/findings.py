"""What a comparison with a baseline can find, and what it means to the shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bench.core.errors import ExitStatus
from bench.metrics.facts import MetricFacts
from bench.stats import RESOLUTION, Interval

OTHER_MARGIN = 0.02  # of the baseline's scores, where a metric states no margin of its own
TIME_MARGIN = 0.2
LEAST_S = 1e-3  # differences in latency below a millisecond matter to nobody


class RegressVerdict(StrEnum):
    """How something fares beside the baseline."""

    WORSE = "worse"  # a score, beyond chance and margin
    SLOWER = "slower"  # latency, beyond chance and margin
    FAILED = "failed"  # images that were restored before are not
    DIFFERENT_OUTPUT = "different output"  # other pictures, though scores are unchanged
    NOTHING_MEASURED = "nothing measured"  # where the baseline has numbers, the run has none
    NOT_COMPARED = "not compared"  # the two do not compare, as the note says
    UNSURE = "unsure"  # beyond the margin, and no more can be said, as the note says why
    BETTER = "better"
    FASTER = "faster"
    UNCHANGED = "unchanged"

    @property
    def is_regression(self) -> bool:
        """Whether something that was won is lost."""
        return self in (
            RegressVerdict.WORSE,
            RegressVerdict.SLOWER,
            RegressVerdict.FAILED,
            RegressVerdict.DIFFERENT_OUTPUT,
        )

    @property
    def is_comparison(self) -> bool:
        """Whether two measurements were held against each other."""
        return self not in (RegressVerdict.NOTHING_MEASURED, RegressVerdict.NOT_COMPARED)


@dataclass(frozen=True)
class Terms:
    """What counts. Margins by metric column; the margin of time is a part: 0.2 is a fifth."""

    margins: Mapping[str, float] = field(default_factory=dict)
    time_margin: float = TIME_MARGIN
    outputs_may_differ: bool = False

    def margin(self, facts: MetricFacts, size: float) -> float:
        """The least mean difference that counts, given how large the baseline's scores are."""
        if facts.column in self.margins:
            return self.margins[facts.column]
        if facts.margin is not None:
            return facts.margin
        return max(OTHER_MARGIN * abs(size), RESOLUTION)


@dataclass(frozen=True)
class RegressFinding:
    """One thing compared, such as the PSNR of a method on a split.

    change: of a score the mean paired difference; of latency the ratio of times in units of the
    calibration kernel of each run, where `baseline` and `run` are seconds as measured.
    """

    method: str
    split: str
    scale: int
    subject: str  # title of a metric, or output, latency, images
    verdict: RegressVerdict
    baseline: float | None = None
    run: float | None = None
    change: Interval | None = None
    seconds_ratio: float | None = None  # of latency as measured, whatever the machine was doing
    margin: float | None = None
    images: int = 0  # compared
    note: str = ""
    counts: bool = True  # False: as agreed, or as expected, it is no regression


def exit_status(findings: Sequence[RegressFinding]) -> ExitStatus:
    """Regressions first; then whether something that the baseline measured was not."""
    if any(finding.verdict.is_regression and finding.counts for finding in findings):
        return ExitStatus.REGRESSION
    missing = any(finding.verdict is RegressVerdict.NOTHING_MEASURED for finding in findings)
    if missing or not any(finding.verdict.is_comparison for finding in findings):
        return ExitStatus.NOTHING_MEASURED
    return ExitStatus.OK
