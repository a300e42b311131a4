"""Cells in worker processes on this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait

from bench.core.rows import RowState
from bench.execution.executor import Executor
from bench.execution.messages import Job, Message
from bench.execution.process import PRELOADED, Child
from bench.execution.running import Worker
from bench.metrics.registry import METRICS
from bench.metrics.scorer import Scoring

# A signal to all processes of a job reaches the run as well: it ends before it blames a picture.
SHARED_S = 0.3


class ProcessWorker(Worker):
    """A process of its own."""

    def __init__(self, job: Job) -> None:
        preloaded = (*PRELOADED, *modules_of(job.metrics))
        self.child = Child(run_worker, job, preloaded=preloaded)

    def messages(self) -> Iterator[Message]:
        return self.child.messages()

    @property
    def has_ended(self) -> bool:
        return self.child.has_ended

    def cause_of_death(self) -> tuple[RowState, str]:
        time.sleep(SHARED_S)
        return self.child.cause_of_death()

    @property
    def was_killed(self) -> bool:
        return self.child.was_killed

    def stop(self, patience_s: float = 0.0) -> None:
        self.child.stop(patience_s)


class LocalExecutor(Executor):
    """Every worker a process on this machine."""

    def launch(self, job: Job) -> ProcessWorker:
        return ProcessWorker(job)

    def wait(self, seconds: float) -> None:
        workers = (running.worker for running in self.running)
        wait([w.child.connection for w in workers if isinstance(w, ProcessWorker)], timeout=seconds)


def run_worker(connection: Connection, job: Job) -> None:
    """What the new process runs; torch is imported there, not in the run itself."""
    from bench.execution.worker import main  # noqa: PLC0415

    main(connection, job)


def modules_of(metrics: Sequence[Scoring]) -> list[str]:
    """What the workers of a run would each import to score: half a second for SSIM.

    Metrics of strangers are left to the workers; so is onnxruntime, whose import begins a thread,
    which a forked process would lack.
    """
    own = (s.facts for s in metrics if s.facts.column in METRICS)
    return [f.target.partition(":")[0] for f in own if "onnxruntime" not in f.modules]
