"""An examination in a process of its own: what a plugin prints or crashes stays there, and ends."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from bench.conformance.metric_subject import MetricSubject, open_metric
from bench.conformance.verdict import (
    LOADED,
    Check,
    Examination,
    Finding,
    Verdict,
    claim_of,
    findings,
)
from bench.core.errors import BenchError, describe
from bench.execution.process import PRELOADED, Child
from bench.metrics import registry as metric_registry
from bench.metrics.facts import MetricFacts
from methods import registry as method_registry
from methods.registry import MethodFacts

Subject = TypeVar("Subject")

NEEDED = (*PRELOADED, "bench.conformance")
POLL_S = 0.1
START_UP_S = 120.0  # what the process may take to start, beyond the limit
BEGINS = None  # the first message: from here on the limit runs
DONE = False  # the last one
ADVICE = "--timeout gives more"


def examine_apart(
    kind: str,
    name: str,
    opened: Callable[[Path], Subject],
    checks: Sequence[Check[Subject]],
    limit_s: float,
) -> Examination:
    """`examine`, each check with a time limit. `opened` makes the subject, with a folder to write
    into; it and the checks must survive a pipe.

    A check that takes the process along, or does not end, fails; those after it are not tried.
    """
    start = time.perf_counter()
    found: list[Finding] = []
    with TemporaryDirectory(prefix="bench-check-", ignore_cleanup_errors=True) as folder:
        child = Child(examine_here, opened, folder, tuple(checks), preloaded=NEEDED)
        reason = watch(child, limit_s, found.append)
    if reason:
        claims = [LOADED, *map(claim_of, checks)][len(found) :]
        found.append(Finding(claims[0], Verdict.FAILED, reason))
        told = f"not tried, since the check before it did not end: {claims[0]}"
        found += [Finding(claim, Verdict.UNAVAILABLE, told) for claim in claims[1:]]
    return Examination(kind, name, tuple(found), time.perf_counter() - start)


def watch(child: Child, limit_s: float, take: Callable[[Any], object]) -> str:
    """Hand every message but None over until the process ends; why it did before that, or ""."""
    heard, allowance = time.monotonic(), START_UP_S
    is_done = False
    try:
        while not child.has_ended:
            child.connection.poll(POLL_S)
            for message in child.messages():
                heard, allowance = time.monotonic(), 0.0
                if message is DONE:
                    is_done = True
                elif message is not BEGINS:
                    take(message)
            if is_done:
                return ""
            if time.monotonic() - heard > limit_s + allowance:
                return f"it took longer than {limit_s:g} s ({ADVICE})"
        return child.cause_of_death()[1]
    finally:
        child.stop()


def examine_here(
    connection: Connection,
    opened: Callable[[Path], Subject],
    folder: str,
    checks: Sequence[Check[Subject]],
) -> None:
    """Send each finding when it is made."""
    silence()
    connection.send(BEGINS)
    for finding in findings(lambda: opened(Path(folder)), checks):
        connection.send(finding)
    connection.send(DONE)


def silence() -> None:
    """Let nobody hear what this process prints, its own children included."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


def resolved_apart(kind: str, spec: str, limit_s: float) -> MethodFacts | MetricFacts:
    """The method or metric of a user's file, imported elsewhere. Raises `BenchError`."""
    found: list[Any] = []
    reason = watch(
        Child(resolve_here, kind, spec, preloaded=(*PRELOADED, "bench.conformance")),
        limit_s,
        found.append,
    )
    if reason:
        raise BenchError(f"{kind} {spec} cannot be loaded: {reason}")
    (answer,) = found
    if isinstance(answer, str):
        raise BenchError(answer)
    facts: MethodFacts | MetricFacts = answer
    return facts


def resolve_here(connection: Connection, kind: str, spec: str) -> None:
    """Send the facts, or in words why there are none."""
    silence()
    connection.send(BEGINS)
    try:
        if kind == "metric":
            connection.send(metric_registry.resolve(spec))
        else:
            facts = method_registry.resolve(spec)
            method_registry.load(facts)
            connection.send(facts)
    except BaseException as error:
        connection.send(describe(error))
    connection.send(DONE)


def open_spec(spec: str, folder: Path) -> MetricSubject:
    """The metric that `--metrics` calls `spec`."""
    return open_metric(metric_registry.resolve(spec), folder)
