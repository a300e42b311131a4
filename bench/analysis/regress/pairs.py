"""Rows of two runs side by side: the same method, degradation, picture and seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.analysis.regress.findings import RegressFinding, RegressVerdict
from bench.core.errors import some
from bench.core.grouping import grouped
from bench.core.rows import Row, RowState, Subject
from bench.results.results import Results


@dataclass(frozen=True)
class Pair:
    """A row of the baseline that is ok, and what the run has of the same picture."""

    baseline: Row
    run: Row


@dataclass(frozen=True)
class Group:
    """All pairs of one subject."""

    of: Subject
    pairs: tuple[Pair, ...]
    unfinished: int = 0  # images that the run has the pictures of, and no row

    @property
    def ok(self) -> tuple[Pair, ...]:
        """The pairs that the run restored too."""
        return tuple(pair for pair in self.pairs if pair.run.state is RowState.OK)

    def finding(self, subject: str, verdict: RegressVerdict, **more: object) -> RegressFinding:
        """A finding about this group."""
        return RegressFinding(*self.of, subject, verdict, **more)  # type: ignore[arg-type]


def groups(baseline: Results, run: Results) -> Iterator[Group | RegressFinding]:
    """What can be compared of all that the baseline restored, and why the rest cannot."""
    known = ((row.subject, row) for row in baseline.rows if row.state is RowState.OK)
    for subject, rows in grouped(known).items():
        theirs = [row for row in run.rows if row.subject == subject]
        reached = {row.image for row in theirs}
        planned = {row.image for row in rows} & run.pictures.get(subject.split, {}).keys()
        pairs = tuple(paired(rows, theirs))
        group = Group(subject, pairs, len(planned - reached))
        if obstacle := obstacle_of(rows, theirs, baseline, run):
            yield group.finding("all", RegressVerdict.NOT_COMPARED, note=obstacle)
        else:
            yield group


def paired(rows: Sequence[Row], theirs: Sequence[Row]) -> Iterator[Pair]:
    """Each row of the baseline with that of the same operator, image and seed."""
    by_key = {row.key: row for row in theirs}
    for row in rows:
        if found := by_key.get(row.key):
            yield Pair(row, found)


def obstacle_of(rows: Sequence[Row], theirs: Sequence[Row], baseline: Results, run: Results) -> str:
    """Why rows of a method on a split cannot be compared at all; empty if they can."""
    if not theirs:
        return "the run did not plan it"
    operators, others = ({row.operator for row in some} for some in (rows, theirs))
    if not operators & others:
        return f"operators differ: {', '.join(sorted(operators))}; {', '.join(sorted(others))}"
    before, now = (results.pictures.get(rows[0].split, {}) for results in (baseline, run))
    images = {row.image for row in rows} & now.keys()
    if not images & {row.image for row in theirs}:
        return "the two have no image in common"
    changed = sorted(image for image in images if before.get(image) != now.get(image))
    if changed:
        return (
            f"images differ: {len(changed)} of {len(images)} of the same name have another "
            f"content ({some(changed)})"
        )
    seeds = {row.seed for row in rows} & {row.seed for row in theirs}
    return "" if seeds else "the two have no seed in common"
