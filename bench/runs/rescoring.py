"""New metrics on the pictures that a run kept: scored, put on record, nothing restored again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import torch

from bench import report
from bench.core.errors import BenchError
from bench.core.paths import cache_dir
from bench.core.rows import Row, RowKey, RowState
from bench.core.scratch import scratch_folder
from bench.metrics import facts, registry
from bench.metrics.base import Metric, Sample
from bench.metrics.registry import METRICS
from bench.metrics.scorer import (
    Broken,
    ImageScores,
    Scoring,
    ready_metric,
    score_sample,
    scoring_of,
)
from bench.results import folder, run_json
from bench.results.results import Results
from bench.results.run_json import section
from bench.results.score_versions import without
from bench.results.store import Record, Store
from bench.runs import rescoring_milestones
from bench.runs.kept_pictures import sample_of
from bench.weights.search import Missing, advice

DOMAINS = {"photo", "rendered"}
T = TypeVar("T")


class Scored(NamedTuple):
    """A row with its new scores, and the digests of the metrics that gave them."""

    row: Row
    digests: Mapping[str, str]
    kept: Mapping[str, str] = {}  # metrics whose earlier score stays, and why there is no new one


@dataclass(frozen=True)
class Rescoring:
    """The rows of a results folder, to be scored by some metrics.

    A row whose pictures are not in `images/` gets the reason in place of a score; it keeps a
    score that it has under the same protocol.
    """

    out: Path
    scorings: tuple[Scoring, ...]

    @cached_property
    def results(self) -> Results:
        """The folder as it was."""
        return folder.load_results(self.out)

    def domains_of(self, splits: Iterable[str]) -> set[str]:
        """What the pictures of these splits are, as run.json says; all that they may be if not."""
        run = self.results.run
        of_suite = section(run, "suite").get("domain")
        known = section(run, "splits")
        told = {str(section(known, split).get("domain", of_suite)) for split in splits}
        return told if told <= DOMAINS else DOMAINS

    @property
    def columns(self) -> set[str]:
        """Of the metrics to score by."""
        return {s.facts.column for s in self.scorings}

    @property
    def rows(self) -> list[Row]:
        """The rows whose restored picture can be scored."""
        return [row for row in self.results.rows if row.state is RowState.OK]

    def execute(self, advance: Callable[[Scored], object]) -> Results:
        """Score every row, put it on record, and write every table, plot and the page again.

        Calls `advance` with each row. Interrupted, it keeps the cells that are finished; the
        same again does the rest. Raises `BenchError` if a metric cannot be loaded.
        """
        with scratch_folder(cache_dir() / "of-truth") as truths:
            results = self.scored_anew(
                {s.facts.column: loaded(s, truths) for s in self.scorings}, advance
            )
        report.write(results, self.out, self.out / "images")
        return results

    def scored_anew(
        self, metrics: Mapping[str, Metric], advance: Callable[[Scored], object]
    ) -> Results:
        """The results with every row scored, which is on record."""

        def scored(rows: Iterable[Row]) -> Iterator[Scored]:
            for row in rows:
                new = self.scored(row, metrics)
                yield new
                advance(new)

        store = Store(self.out)
        if store.plans():
            self.into_store(store, scored)
            self.into_run_json()
            return folder.load_results(self.out)
        new = {row.key: new for row, new in zip(self.rows, scored(self.rows), strict=True)}
        self.into_run_json()
        return self.with_rows(
            new[row.key].row if row.key in new else row for row in self.results.rows
        )

    def scored(self, row: Row, metrics: Mapping[str, Metric]) -> Scored:
        """The row with scores, or with the reason why it has none."""
        wanted = [
            s
            for s in self.scorings
            if s.facts.applies_to(row.split) and not s.facts.refusal(self.domains_of([row.split]))
        ]
        used = {s.facts.column: metrics[s.facts.column] for s in wanted}
        sample: Sample | None = None
        kept: dict[str, str] = {}
        try:
            sample = sample_of(self.out / "images", row)
        except BenchError as error:
            kept = {s.facts.column: str(error) for s in wanted if self.has_already(row, s)}
            wanted = [s for s in wanted if s.facts.column not in kept]
            scores = ImageScores(
                unscored={s.facts.column: f"not scored again: {error}" for s in wanted}
            )
        else:
            scores = score_sample(sample, used)
        columns = {s.facts.column for s in wanted}
        same = [s.facts.column for s in self.scorings if self.has_same_protocol(s)]
        row = replace(
            row,
            metrics=without(row.metrics, columns) | scores.values,
            unscored=without(row.unscored, columns) | scores.unscored,
            parts=without(row.parts, columns) | scores.parts,
            budgets=tuple(
                rescoring_milestones.rescored(row, sample, self.milestone_file(row), used, same)
            ),
        )
        return Scored(
            row, {s.facts.column: s.digest for s in wanted if s.facts.column in scores.values}, kept
        )

    def has_already(self, row: Row, scoring: Scoring) -> bool:
        """Whether the row has a score under that very protocol."""
        return scoring.facts.column in row.metrics and self.has_same_protocol(scoring)

    def has_same_protocol(self, scoring: Scoring) -> bool:
        """Whether the scores in the folder are of that very protocol."""
        protocols = {facts.column: facts.protocol for facts in self.results.metrics}
        return protocols.get(scoring.facts.column) == scoring.facts.protocol

    @cached_property
    def origins(self) -> dict[RowKey, tuple[str, str]]:
        """Where the rows are stored; empty of a folder without its store."""
        return folder.origins(Store(self.out))

    def milestone_file(self, row: Row) -> rescoring_milestones.FileOf | None:
        """Where the row's milestones lie, by their steps; None if that is not known."""
        found = self.origins.get(row.key)
        return partial(Store(self.out).picture, *found) if found else None

    def into_store(self, store: Store, scored: Callable[[Iterable[Row]], Iterator[Scored]]) -> None:
        """Add records that differ from the earlier ones in their scores alone, cell by cell."""
        cells: dict[str, dict[str, Row]] = {}
        for row in self.rows:
            key, picture = self.origins[row.key]
            cells.setdefault(key, {})[picture] = row
        store.add_plan(self.plan_entry())
        for key, rows in cells.items():
            with store.claimed(key) as is_ours:
                if not is_ours:
                    raise BenchError(f"another run works in {self.out}: try again when it is done")
                records = store.records(key)
                store.add(
                    key,
                    [
                        rescored(records[picture], new, self.columns)
                        for picture, new in zip(rows, scored(rows.values()), strict=True)
                    ],
                )
                store.compact(key)

    def plan_entry(self) -> dict[str, Any]:
        """What the ledger needs to know of the metrics: a plan without cells."""
        return {
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "metrics": {s.facts.column: s.facts.protocol for s in self.scorings},
            "metric_facts": [
                facts.stated(s.facts) for s in self.scorings if s.facts.column not in METRICS
            ],
            "missing_metrics": {},
            "titles": {},
            "cells": [],
        }

    def with_rows(self, rows: Iterable[Row]) -> Results:
        """The results with other rows, and with the metrics beside those that they had."""
        found = {facts.column: facts for facts in self.results.metrics}
        found |= {s.facts.column: s.facts for s in self.scorings}
        order = [*METRICS, *found]
        return replace(
            self.results,
            rows=tuple(rows),
            metrics=tuple(sorted(found.values(), key=lambda facts: order.index(facts.column))),
            missing_metrics=without(self.results.missing_metrics, found),
            run=run_json.run_json(self.out),
        )

    def into_run_json(self) -> None:
        """Put the metrics on record beside those of the run."""
        run = run_json.run_json(self.out)
        if not run:
            return
        run["metrics"] = {
            **run.get("metrics", {}),
            **{s.facts.column: facts.stated(s.facts) | {"digest": s.digest} for s in self.scorings},
        }
        run["missing_metrics"] = without(run.get("missing_metrics", {}), run["metrics"])
        run_json.write_run_json(self.out, run)


def rescoring(out: Path, columns: Sequence[str]) -> Rescoring:
    """What is to be done. Raises `BenchError` if there are no results, or a metric cannot be
    computed here: with the command that helps."""
    if not columns:
        raise BenchError("--metrics names none; `python -m bench list metrics` names them")
    scorings = []
    for column in dict.fromkeys(columns):
        ready = scoring_of(registry.resolve(column))
        if isinstance(ready, Missing):
            raise BenchError(f"{column} cannot be computed here: {advice(ready)}")
        scorings.append(ready)
    found = Rescoring(out, tuple(scorings))
    splits = {row.split for row in found.results.rows}
    for scoring in scorings:
        if refusal := scoring.facts.refusal(found.domains_of(splits)):
            raise BenchError(f"{scoring.facts.column} is {refusal}, which those of {out} are not")
        if not any(scoring.facts.applies_to(split) for split in splits):
            raise BenchError(
                f"{scoring.facts.column} is defined on {', '.join(scoring.facts.splits)} only; "
                f"{out} has {', '.join(sorted(splits)) or 'no rows'}"
            )
    return found


def loaded(scoring: Scoring, truths: Path | None) -> Metric:
    """The metric, ready to score. Raises `BenchError` if it cannot be loaded."""
    metric = ready_metric(scoring, torch.device("cpu"), truths)
    if isinstance(metric, Broken):
        raise BenchError(f"{scoring.facts.column} cannot be loaded: {metric.reason}")
    return metric


def rescored(record: Record, new: Scored, columns: set[str]) -> Record:
    """The record with other scores in these columns, as of now."""

    def merged(old: Mapping[str, T], found: Mapping[str, T]) -> dict[str, T]:
        return without(old, columns) | {c: value for c, value in found.items() if c in columns}

    row = record.row
    then = {budget.steps: budget for budget in new.row.budgets}
    budgets = (
        replace(
            budget,
            metrics=merged(budget.metrics, then[budget.steps].metrics),
            unscored=merged(budget.unscored, then[budget.steps].unscored),
        )
        for budget in row.budgets
    )
    return replace(
        record,
        row=replace(
            row,
            metrics=merged(row.metrics, new.row.metrics),
            unscored=merged(row.unscored, new.row.unscored),
            parts=merged(row.parts, new.row.parts),
            budgets=tuple(budgets),
        ),
        scored_by={**record.scored_by, **new.digests},
        finished_ns=time.time_ns(),
        order=0,
    )
