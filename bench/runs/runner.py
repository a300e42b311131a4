"""A run: plan, execute, and write what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any

from bench import report
from bench.checks.run_checks import inspect
from bench.core.errors import ExitStatus
from bench.core.rows import RowState
from bench.core.signals import held
from bench.execution.executor import Executor, Listener
from bench.execution.local import LocalExecutor
from bench.execution.messages import Job
from bench.execution.outstanding import Item, Policy, outstanding
from bench.machine.hardware import hardware, machine_digest
from bench.planning import record
from bench.planning.cell import Cell
from bench.planning.plan import Plan
from bench.planning.said import check_same_meaning
from bench.results import folder
from bench.results.results import Results
from bench.results.run_json import write_run_json
from bench.results.selection import select
from bench.results.store import Store
from bench.runs import images
from bench.runs.config_file import write_config
from bench.runs.provenance import describe_run


@dataclass(frozen=True)
class Runner:
    """Executes one plan into one folder."""

    plan: Plan
    out: Path
    cache: Path
    policy: Policy
    workers: int = 1
    executor: type[Executor] = LocalExecutor

    @property
    def store(self) -> Store:
        return Store(self.out)

    @cached_property
    def machine(self) -> str:
        """The digest of this machine."""
        return machine_digest(hardware())

    @cached_property
    def measured_before(self) -> Mapping[str, int]:
        """The last record of each cell when this run began, if it is to measure anew."""
        if not self.policy.fresh:
            return {}
        return {planned.cell.key: self.store.last(planned.cell.key) for planned in self.plan.cells}

    @property
    def cells(self) -> list[Cell]:
        """Those that can run, of two with one key the first: a variant may be on some split what
        the plain method is."""
        found: dict[str, Cell] = {}
        for planned in self.plan.cells:
            if planned.absent is None:
                found.setdefault(planned.cell.key, planned.cell)
        return list(found.values())

    def left(self, cell: Cell) -> tuple[Item, ...]:
        """The pictures of a cell that are still to be worked on."""
        digests = {s.facts.column: s.digest for s in self.plan.scorings(cell)}
        since = self.measured_before.get(cell.key, -1)
        return outstanding(cell, self.store, digests, self.policy, since, self.plan.timed)

    def job(self, cell: Cell) -> Job:
        """What is left of a cell, for a worker."""
        return Job(
            cell=cell,
            items=self.left(cell),
            metrics=self.plan.scorings(cell),
            out=self.out,
            cache=self.cache,
            keep_images=self.policy.keep_images,
            timeout_s=self.policy.timeout_s,
            threads=self.plan.threads,
            machine=self.machine,
            device=self.plan.device,
            workers=self.workers,
            batch=self.plan.batch,
            threads_alone=self.threads_alone(cell),
        )

    def check(self) -> None:
        """Raise `BenchError` if a name of the plan means another thing in the folder."""
        if not self.policy.fresh:
            check_same_meaning(self.plan, self.store)

    def threads_alone(self, cell: Cell) -> int | None:
        """The threads that an earlier run chose for the cell under the same conditions."""
        facts = self.store.facts(cell.key)
        is_here = facts.get("machine") == self.machine and facts.get("threads") == self.plan.threads
        return facts.get("threads_alone") if is_here else None

    def execute(self, arguments: Sequence[str], listener: Listener) -> Results:
        """Run what is left and write every output; interrupted, it writes what there is."""
        self.check()
        started = datetime.now(UTC).isoformat(timespec="seconds")
        provenance = describe_run(self.plan, arguments, started)
        write_run_json(self.out, provenance)
        write_config(self)
        command = {name: provenance[name] for name in ("arguments", "environment")}
        record.enter(self.plan, self.store, command)
        with_work = [cell for cell in self.cells if self.left(cell)]
        is_inspected = False
        try:
            self.executor(self.store, self.workers, listener).run(with_work, self.job)
            is_inspected = inspect(self.plan, self.store, self.policy.timeout_s)
        finally:
            # A batch system's signal finds the tables written; then it ends the command.
            with held():
                provenance["finished"] = datetime.now(UTC).isoformat(timespec="seconds")
                provenance["calibration_s"] = self.calibration_s()
                write_run_json(self.out, provenance)
                if self.policy.keep_images:
                    images.lay_out(self.plan, self.store, self.out)
                    images.lay_out_earlier(self.plan, self.store, self.out)
                results = folder.load_results(self.out)
                provenance["warnings"] = [caution.entry for caution in results.cautions]
                provenance["measured"] = [measured.entry for measured in results.measured]
                self.enter_earlier(provenance, results)
                write_run_json(self.out, provenance)
                results = replace(results, run=provenance)
                if with_work or is_inspected or not report.is_current(results, self.out):
                    report.write(results, self.out, self.out / "images")
        return results

    def enter_earlier(self, provenance: dict[str, Any], results: Results) -> None:
        """Put on record what stands in the tables and was measured by earlier commands: its cells,
        those commands, and the pictures of splits that this command does not have."""
        shown = {row.cell_key for row in results.rows}
        own = {planned.cell.key for planned in self.plan.cells}
        plans = self.store.plans()
        earlier = [found for found in select(plans) if found.key in shown - own]
        provenance["cells"] += [
            {"key": found.key, "title": found.title} | dict(found.identity) for found in earlier
        ]
        commands = (plans[number].get("command") for number in sorted({f.plan for f in earlier}))
        provenance["earlier_commands"] = [command for command in commands if command]
        for split, pictures in results.pictures.items():
            provenance["splits"].setdefault(split, {"images": dict(pictures)})

    def calibration_s(self) -> float | None:
        """The median latency of the calibration kernel beside the cells of the plan."""
        facts = (self.store.facts(planned.cell.key) for planned in self.plan.cells)
        known = [measured["calibration_s"] for measured in facts if measured.get("calibration_s")]
        return median(known) if known else None


def exit_status(results: Results, plan: Plan) -> ExitStatus:
    """What the rows of this plan mean to the shell: failures first, then whether any is ok."""
    cells = {planned.cell.coordinate for planned in plan.cells}
    states = {row.state for row in results.rows if row.cell in cells}
    if any(state.is_failure for state in states):
        return ExitStatus.SOME_ROWS_FAILED
    return ExitStatus.OK if RowState.OK in states else ExitStatus.NOTHING_MEASURED
