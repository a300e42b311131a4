"""Scores and outputs beside those of the baseline, image by image."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean

from bench.analysis.comparison import circumstances
from bench.analysis.pairs import on_common_images
from bench.analysis.regress.findings import RegressFinding, RegressVerdict, Terms
from bench.analysis.regress.pairs import Group, Pair
from bench.analysis.scores import means_over_seeds, scores_of
from bench.core.rows import RowState
from bench.metrics.facts import Direction, MetricFacts
from bench.results.results import Results
from bench.stats import FEWEST, Interval


def restored(group: Group) -> Iterator[RegressFinding]:
    """Images that the baseline restored and the run did not."""
    failed = [pair.run for pair in group.pairs if pair.run.state.is_failure]
    if failed:
        note = f"{len(failed)} of {len(group.pairs)}: {failed[0].state}: {failed[0].reason}"
        yield group.finding("images", RegressVerdict.FAILED, images=len(group.pairs), note=note)
    absent = [
        pair.run
        for pair in group.pairs
        if pair.run.state in (RowState.UNAVAILABLE, RowState.NOT_APPLICABLE)
    ]
    if absent:
        note = f"{len(absent)} of {len(group.pairs)}: {absent[0].state}: {absent[0].reason}"
        yield group.finding(
            "images", RegressVerdict.NOTHING_MEASURED, images=len(group.pairs), note=note
        )
    if group.unfinished:
        note = f"{group.unfinished} images not run"
        yield group.finding("images", RegressVerdict.NOTHING_MEASURED, note=note)


def scores(group: Group, baseline: Results, run: Results, terms: Terms) -> Iterator[RegressFinding]:
    """Every metric that the baseline scored."""
    theirs = {facts.column: facts for facts in run.metrics}
    for facts in baseline.metrics:
        column = facts.column
        if not any(pair.baseline.score(column) is not None for pair in group.ok):
            continue
        if column not in theirs:
            why = run.missing_metrics.get(column)
            verdict = RegressVerdict.NOTHING_MEASURED if why else RegressVerdict.NOT_COMPARED
            yield group.finding(facts.title, verdict, note=why or "the run did not ask for it")
        elif theirs[column].protocol != facts.protocol:
            note = f"protocols differ: {facts.protocol}; {theirs[column].protocol}"
            yield group.finding(facts.title, RegressVerdict.NOT_COMPARED, note=note)
        else:
            yield of_metric(group, facts, terms)


def of_metric(group: Group, facts: MetricFacts, terms: Terms) -> RegressFinding:
    """A metric of one protocol."""
    before = means_over_seeds(scores_of([pair.baseline for pair in group.ok], [facts]))
    now = means_over_seeds(scores_of([pair.run for pair in group.ok], [facts]))
    change = on_common_images(now[facts.column], before[facts.column], facts)
    if change is None:
        why = next((pair.run.why_unscored.get(facts.column) for pair in group.ok), None)
        return group.finding(facts.title, RegressVerdict.NOTHING_MEASURED, note=why or "not scored")
    # The mean of scores of both signs may be next to 0: by that, any difference would count.
    margin = terms.margin(facts, fmean(map(abs, before[facts.column].values())))
    interval = Interval(change.mean, change.low, change.high, change.n)
    verdict, note = verdict_on(interval, margin, facts.better)
    return group.finding(
        facts.title,
        verdict,
        baseline=change.mean_b,
        run=change.mean_a,
        change=interval,
        margin=margin,
        images=change.n,
        note=note,
    )


def verdict_on(change: Interval, margin: float, better: Direction) -> tuple[RegressVerdict, str]:
    """Significance first, then the margin."""
    if abs(change.mean) <= margin:
        return RegressVerdict.UNCHANGED, ""
    if change.low is None or change.high is None:
        return RegressVerdict.UNSURE, f"{change.n} images are too few to tell; {FEWEST} would do"
    if change.low <= 0 <= change.high:
        return RegressVerdict.UNCHANGED, "beyond the margin, but not beyond chance"
    rises = change.mean > 0
    return RegressVerdict.BETTER if rises == (
        better is Direction.HIGHER
    ) else RegressVerdict.WORSE, ""


def outputs(group: Group, baseline: Results, run: Results, terms: Terms) -> RegressFinding | None:
    """Whether the restored pictures are the very same.

    Bits are only promised on one machine with one version of torch: elsewhere a difference is
    told, and no regression.
    """
    known = [p for p in group.ok if p.baseline.output_digest and p.run.output_digest]
    if not known:
        if not group.ok:
            return None
        note = "no hashes of outputs on record: one of the two is of an earlier version"
        return group.finding("output", RegressVerdict.NOT_COMPARED, note=note)
    different = [p for p in known if p.baseline.output_digest != p.run.output_digest]
    if not different:
        return group.finding("output", RegressVerdict.UNCHANGED, images=len(known))
    remarks = changes(group, different[0], baseline, run)
    elsewhere = {"machine", "torch", "device"} & {remark.split()[0] for remark in remarks}
    note = "; ".join([f"{len(different)} of {len(known)} pictures", *remarks])
    return group.finding(
        "output",
        RegressVerdict.DIFFERENT_OUTPUT,
        images=len(known),
        note=note + ("; there, bits may differ" if elsewhere else ""),
        counts=not elsewhere and not terms.outputs_may_differ,
    )


def changes(group: Group, pair: Pair, baseline: Results, run: Results) -> list[str]:
    """What of all that shapes a result is another in the run, as far as it is on record."""
    before, now = pair.baseline.machine, pair.run.machine
    remarks = list(circumstances(group.of, (baseline, run)))
    if before and now and before != now:
        remarks.insert(0, f"machine differs: {before} -> {now}")
    return remarks
