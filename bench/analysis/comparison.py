"""Two runs held against each other: cell by cell, on the images that both restored.

Nothing is compared across operators, protocols or pictures: where they differ there is a reason
in place of a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from bench.analysis.scores import scores_of
from bench.core.grouping import grouped
from bench.core.rows import Row, Subject
from bench.metrics.facts import Direction, MetricFacts
from bench.results.results import Results
from bench.results.same_pictures import named_as
from bench.stats import PairedDifference, holm_of, is_told_apart, paired_difference

# What of a cell changes its result without making the comparison unfair.
CIRCUMSTANCES = ("settings", "weights", "code", "torch", "device", "precision")


@dataclass(frozen=True)
class Compared:
    """One metric of a subject: how the second run differs from the first, or why none is said.

    A positive mean difference says that the second scores higher; wins are images on which it is
    better.
    """

    subject: Subject
    operator: str
    metric: MetricFacts | None  # None where the whole subject is refused
    difference: PairedDifference | None
    refusal: str  # empty where there is a difference
    p_holm: float | None = None  # corrected over all tests of the comparison

    @property
    def is_told_apart(self) -> bool:
        """Whether the images tell the two runs apart."""
        return is_told_apart(self.difference, self.p_holm)


@dataclass(frozen=True)
class Comparison:
    """All that two runs have in common, and what a reader must know of it."""

    compared: tuple[Compared, ...]
    notes: tuple[str, ...]

    @property
    def has_numbers(self) -> bool:
        """Whether anything measured in common was compared."""
        return any(found.difference for found in self.compared)


def compare(first: Results, second: Results) -> Comparison:
    """The second run against the first."""
    second = named_as(second, first.pictures)
    compared: list[Compared] = []
    notes = list(notes_on_runs(first, second))
    ours, theirs = (grouped((row.subject, row) for row in run.rows) for run in (first, second))
    for subject, rows in ours.items():
        if subject not in theirs:
            notes.append(f"{subject}: in the first run only")
            continue
        found, remarks = of_subject(subject, (rows, theirs[subject]), (first, second))
        compared += found
        notes += [f"{subject}: {remark}" for remark in remarks]
    notes += [f"{subject}: in the second run only" for subject in theirs if subject not in ours]
    return Comparison(tuple(corrected(compared)), tuple(dict.fromkeys(notes)))


def of_subject(
    subject: Subject, rows: tuple[list[Row], list[Row]], runs: tuple[Results, Results]
) -> tuple[list[Compared], list[str]]:
    """What is compared of one subject, and remarks on it."""
    operators = [list(dict.fromkeys(row.operator for row in of_run)) for of_run in rows]
    shared = [operator for operator in operators[0] if operator in operators[1]]
    if not shared:
        refusal = f"operators differ: {', '.join(operators[0])} and {', '.join(operators[1])}"
        return [Compared(subject, "", None, None, refusal)], []
    compared: list[Compared] = []
    remarks = list(circumstances(subject, runs))
    changed = changed_pictures(subject.split, runs)
    for operator in shared:
        mine, yours = (
            [r for r in of_run if r.operator == operator and r.image not in changed]
            for of_run in rows
        )
        remarks += remarks_on_images(rows, changed)
        if not (mine and yours):
            refusal = "the pictures differ: those of the same name have other contents"
            compared.append(Compared(subject, operator, None, None, refusal))
            continue
        seeds = {row.seed for row in mine} & {row.seed for row in yours}
        if {row.seed for row in mine} != {row.seed for row in yours}:
            remarks.append(f"over the seeds that both runs have: {sorted(seeds)}")
        pair = ([r for r in mine if r.seed in seeds], [r for r in yours if r.seed in seeds])
        compared += on_metrics(subject, operator, pair, runs)
    return compared, remarks


def on_metrics(
    subject: Subject,
    operator: str,
    rows: tuple[list[Row], list[Row]],
    runs: tuple[Results, Results],
) -> Iterator[Compared]:
    """Every metric that both runs have of the subject."""
    theirs = {facts.column: facts for facts in runs[1].metrics}
    for facts in runs[0].metrics:
        other = theirs.get(facts.column)
        if other is None or not facts.applies_to(subject.split):
            continue
        bare = Compared(subject, operator, facts, None, "")
        if other.protocol != facts.protocol:
            refusal = f"protocols differ: {facts.protocol} and {other.protocol}"
            yield replace(bare, refusal=refusal)
            continue
        first, second = (scores_of(of_run, [facts])[facts.column] for of_run in rows)
        common = [image for image in first if image in second]
        difference = paired_difference(
            [fmean(second[image]) for image in common],
            [fmean(first[image]) for image in common],
            higher_is_better=facts.better is Direction.HIGHER,
        )
        refusal = "" if difference else "no image was scored in both runs"
        yield replace(bare, difference=difference, refusal=refusal)


def corrected(compared: Sequence[Compared]) -> list[Compared]:
    """The comparison with Holm's correction over all of its tests."""
    p_holm = holm_of([found.difference for found in compared])
    return [replace(found, p_holm=p) for found, p in zip(compared, p_holm, strict=True)]


def changed_pictures(split: str, runs: tuple[Results, Results]) -> set[str]:
    """The images of a split that are another picture in each run."""
    first, second = (results.pictures.get(split, {}) for results in runs)
    return {image for image in first if image in second and first[image] != second[image]}


def remarks_on_images(rows: tuple[list[Row], list[Row]], changed: set[str]) -> Iterator[str]:
    """Where the two runs do not have the same images."""
    first, second = ({row.image for row in of_run} for of_run in rows)
    if both := sorted(changed & first & second):
        named = ", ".join(both[:3]) + (", ..." if len(both) > 3 else "")
        yield f"{len(both)} images of the same name are other pictures, and left out: {named}"
    if first != second:
        yield (
            f"{len((first & second) - changed)} images are in both runs, of {len(first)} and "
            f"{len(second)}"
        )


def circumstances(subject: Subject, runs: tuple[Results, Results]) -> Iterator[str]:
    """What of the cell is not the same in both runs, as far as run.json has it on record."""
    first, second = (recorded_cell(subject, results.run) for results in runs)
    for name in CIRCUMSTANCES if first and second else ():
        old, new = first.get(name), second.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            keys = dict.fromkeys((*old, *new))
            changes = [
                f"{k} {old.get(k)} -> {new.get(k)}" for k in keys if old.get(k) != new.get(k)
            ]
            if changes:
                yield f"{name} differ: {', '.join(changes)}"
        elif old != new:
            yield f"{name} differs: {old} -> {new}"


def recorded_cell(subject: Subject, run: Mapping[str, Any]) -> dict[str, Any]:
    """What run.json says of the subject's first cell; empty if nothing."""
    cells = run.get("cells")
    found = (c for c in cells if isinstance(c, dict)) if isinstance(cells, list) else iter(())
    return next((cell for cell in found if cell.get("title") == str(subject)), {})


def notes_on_runs(first: Results, second: Results) -> Iterator[str]:
    """What the runs as a whole do not share."""
    ours, theirs = ({facts.column for facts in run.metrics} for run in (first, second))
    if only := sorted(ours - theirs):
        yield f"only the first run has {', '.join(only)}"
    if only := sorted(theirs - ours):
        yield f"only the second run has {', '.join(only)}"
    if not (first.pictures and second.pictures):
        yield "whether images of the same name are the same pictures is not on record"
