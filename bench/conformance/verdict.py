"""Running checks: a check is a function that takes its subject and raises what it finds wrong.

Its name is the claim it makes, `seeds_matter_if_stochastic`, and its docstring says how it is
tested.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from bench.core.errors import describe

Subject = TypeVar("Subject")
Check = Callable[[Subject], None]
LOADED = "it can be loaded"  # the first claim, before any check


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


def claim_of(check: Check[Subject]) -> str:
    """What a check claims, in words."""
    return check.__name__.replace("_", " ")


def verify(check: Check[Subject], subject: Subject) -> Finding:
    """What comes of the check; anything that the subject raises is a failure."""
    claim = claim_of(check)
    try:
        check(subject)
    except NotApplicable as reason:
        return Finding(claim, Verdict.NOT_APPLICABLE, str(reason))
    except Unavailable as reason:
        return Finding(claim, Verdict.UNAVAILABLE, str(reason))
    except Breach as breach:
        return Finding(claim, Verdict.FAILED, str(breach))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: a subject has no say in when this ends
        return Finding(claim, Verdict.FAILED, f"it raised {describe(error)}")
    return Finding(claim, Verdict.PASSED)


def findings(opened: Callable[[], Subject], checks: Sequence[Check[Subject]]) -> Iterator[Finding]:
    """What comes of every check; one finding alone if the subject cannot even be opened."""
    subjects: list[Subject] = []

    def it_can_be_loaded(_: None) -> None:
        subjects.append(opened())

    yield verify(it_can_be_loaded, None)
    for subject in subjects:
        for check in checks:
            yield verify(check, subject)


def examine(
    kind: str, name: str, opened: Callable[[], Subject], checks: Sequence[Check[Subject]]
) -> Examination:
    """Every check on the subject, in this process."""
    start = time.perf_counter()
    found = tuple(findings(opened, checks))
    return Examination(kind, name, found, time.perf_counter() - start)
