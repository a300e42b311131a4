"""Running checks: a check is a function that takes its subject and raises what it finds wrong.

Its name is the claim it makes, `seeds_matter_if_stochastic`, and its docstring says how it is
tested.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from bench.core.errors import describe

Subject = TypeVar("Subject")
Check = Callable[[Subject], None]


class Breach(Exception):
    """The subject does otherwise than it owes: what, and what was expected."""


class NotApplicable(Exception):
    """The claim means nothing for this subject: why."""


class Unavailable(Exception):
    """The subject cannot be tried here: what is missing, and the command that gets it."""


class Verdict(StrEnum):
    """How a check ended, and a whole examination by the first of these that occurs in it."""

    FAILED = "failed"
    UNAVAILABLE = "unavailable"
    PASSED = "passed"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True)
class Finding:
    """What came of one check."""

    claim: str
    verdict: Verdict
    detail: str = ""


@dataclass(frozen=True)
class Examination:
    """All findings on one method or metric."""

    kind: str  # method or metric
    name: str
    findings: tuple[Finding, ...]
    seconds: float

    @property
    def verdict(self) -> Verdict:
        """Failed if any check did, else unavailable if any was."""
        found = {finding.verdict for finding in self.findings}
        return next((verdict for verdict in Verdict if verdict in found), Verdict.NOT_APPLICABLE)

    @property
    def counts(self) -> Counter[Verdict]:
        """How many checks ended each way."""
        return Counter(finding.verdict for finding in self.findings)


def verify(check: Check[Subject], subject: Subject) -> Finding:
    """What comes of the check; anything that the subject raises is a failure."""
    claim = check.__name__.replace("_", " ")
    try:
        check(subject)
    except NotApplicable as reason:
        return Finding(claim, Verdict.NOT_APPLICABLE, str(reason))
    except Unavailable as reason:
        return Finding(claim, Verdict.UNAVAILABLE, str(reason))
    except Breach as breach:
        return Finding(claim, Verdict.FAILED, str(breach))
    except Exception as error:
        return Finding(claim, Verdict.FAILED, f"it raised {describe(error)}")
    return Finding(claim, Verdict.PASSED)


def examine(
    kind: str, name: str, opened: Callable[[], Subject], checks: Sequence[Check[Subject]]
) -> Examination:
    """Every check on the subject; one finding alone if it cannot even be opened."""
    start = time.perf_counter()
    subjects: list[Subject] = []

    def it_can_be_loaded(_: None) -> None:
        subjects.append(opened())

    findings = [verify(it_can_be_loaded, None)]
    for subject in subjects:
        findings += [verify(check, subject) for check in checks]
    return Examination(kind, name, tuple(findings), time.perf_counter() - start)
