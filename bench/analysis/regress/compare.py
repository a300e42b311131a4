"""Everything that the baseline measured, held against the run."""

from __future__ import annotations

from collections.abc import Iterator

from bench.analysis.regress.findings import RegressFinding, RegressVerdict, Terms
from bench.analysis.regress.pairs import Group, groups
from bench.analysis.regress.quality import outputs, restored, scores
from bench.analysis.regress.speed import latency
from bench.results.results import Results
from bench.results.same_pictures import named_as


def compare(baseline: Results, run: Results, terms: Terms) -> list[RegressFinding]:
    """What became of each method on each split, in the order of the baseline's rows."""
    run = named_as(run, baseline.pictures)
    found: list[RegressFinding] = []
    for group in groups(baseline, run):
        if isinstance(group, RegressFinding):
            found.append(group)
        else:
            found.extend(of_group(group, baseline, run, terms))
    return found


def of_group(
    group: Group, baseline: Results, run: Results, terms: Terms
) -> Iterator[RegressFinding]:
    """Images, scores, output and latency of one method on one split."""
    yield from restored(group)
    quality = list(scores(group, baseline, run, terms))
    yield from quality
    output = outputs(group, baseline, run, terms)
    # Where scores tell that the pictures are others, that the bits are is no news.
    told = any(f.verdict in (RegressVerdict.WORSE, RegressVerdict.BETTER) for f in quality)
    if output and not (told and output.verdict is RegressVerdict.DIFFERENT_OUTPUT):
        yield output
    if timed := latency(group, terms):
        yield timed
