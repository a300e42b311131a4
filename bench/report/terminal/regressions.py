"""Findings as a table for people, and as JSON for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from tabulate import tabulate

from bench.analysis.regress.findings import (
    LEAST_S,
    RegressFinding,
    RegressVerdict,
    Terms,
    exit_status,
)
from bench.stats import Interval

HEADERS = ("method", "split", "what", "baseline", "run", "change", "least", "images", "verdict")
STYLES = {
    RegressVerdict.WORSE: "red", RegressVerdict.SLOWER: "red", RegressVerdict.FAILED: "red",
    RegressVerdict.DIFFERENT_OUTPUT: "yellow", RegressVerdict.NOTHING_MEASURED: "yellow",
    RegressVerdict.NOT_COMPARED: "dim", RegressVerdict.UNSURE: "yellow",
    RegressVerdict.BETTER: "green", RegressVerdict.FASTER: "green", RegressVerdict.UNCHANGED: "dim",
}  # fmt: skip


def show(
    console: Console, findings: Sequence[RegressFinding], terms: Terms, everything: bool
) -> None:
    """Print what changed, or everything, with what counted as a change."""
    shown = [f for f in findings if everything or f.verdict is not RegressVerdict.UNCHANGED]
    if shown and console.is_terminal:
        console.print(rich_table(shown))
    elif shown:
        rows = [[*cells(f), f.note] for f in shown]
        text = tabulate(rows, [*HEADERS, "note"], disable_numparse=True)
        console.out(text, highlight=False)
    for line in (summary(findings), how(terms)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def rich_table(findings: Sequence[RegressFinding]) -> Table:
    """The findings in colour."""
    table = Table(*HEADERS, "note", header_style="bold", box=None, pad_edge=False)
    for finding in findings:
        style = STYLES[finding.verdict]
        row = [escape(text) for text in (*cells(finding), finding.note)]
        row[-2] = f"[{style}]{row[-2]}[/{style}]"
        table.add_row(*row)
    return table


def cells(finding: RegressFinding) -> list[str]:
    """A finding's entries under `HEADERS`."""
    verdict = finding.verdict.value
    if finding.verdict.is_regression and not finding.counts:
        verdict += " (does not count)"
    is_time = finding.subject == "latency"
    unit = " s" if is_time and finding.baseline is not None else ""
    margin = "" if finding.margin is None else f"{finding.margin:.3g}"
    return [
        finding.method,
        f"{finding.split} {finding.scale}x",
        finding.subject,
        number(finding.baseline) + unit,
        number(finding.run) + unit,
        change(finding.change, is_time) + beside(finding),
        f"{finding.margin:.0%}" if is_time and finding.margin is not None else margin,
        str(finding.images or ""),
        verdict,
    ]


def number(value: float | None) -> str:
    """Four digits; nothing for nothing."""
    return "" if value is None else f"{value:.4g}"


def change(interval: Interval | None, is_ratio: bool) -> str:
    """The mean change with its interval."""
    if interval is None:
        return ""
    form = "{:.2f}x" if is_ratio else "{:+.3g}"
    mean = form.format(interval.mean)
    if interval.low is None or interval.high is None:
        return mean
    return f"{mean} [{form.format(interval.low)}, {form.format(interval.high)}]"


def beside(finding: RegressFinding) -> str:
    """Both ratios of a latency, where that in kernels is not that of the seconds beside it."""
    if finding.seconds_ratio is None:
        return ""
    return f" in kernels, {finding.seconds_ratio:.2f}x in seconds"


def summary(findings: Sequence[RegressFinding]) -> str:
    """How often each verdict was given, gravest first."""
    counts = Counter(finding.verdict for finding in findings)
    told = ", ".join(
        f"{counts[verdict]} {verdict}" for verdict in RegressVerdict if counts[verdict]
    )
    return told or "Nothing was compared: the baseline restored nothing."


def how(terms: Terms) -> str:
    """What counts as a change."""
    return (
        "A change counts if the 95% interval of the mean paired difference leaves out zero and the "
        f"mean is beyond the least that counts; of latency, in units of the calibration kernel of "
        f"each run, {terms.time_margin:.0%} and {LEAST_S * 1000:g} ms, and CPU time must agree."
    )


def as_json(baseline: Path, run: Path, findings: Sequence[RegressFinding], terms: Terms) -> str:
    """All findings and the exit status, for programs."""
    return json.dumps(
        {
            "baseline": str(baseline),
            "run": str(run),
            "terms": asdict(terms),
            "verdicts": Counter(finding.verdict for finding in findings),
            "status": exit_status(findings),
            "findings": [asdict(finding) for finding in findings],
        },
        indent=1,
    )
