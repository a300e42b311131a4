"""Cells as tasks of ray, on this machine or on a cluster.

The cluster is the one of RAY_ADDRESS; without it, ray is started on this machine, for this run
alone, and bound to it. Machines of a cluster must see the project, the pictures, the weights and
the results folder under the same paths. A task gets a process of its own, as a local worker does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import ray
from ray import ObjectRefGenerator

from bench.core.errors import BenchError
from bench.core.rows import RowState
from bench.execution.executor import Executor
from bench.execution.messages import Job, Message
from bench.execution.running import Worker
from bench.planning.cell import Cell

# Ray would report its use to its makers. Even when told not to, it asks for the metadata of clouds
# where it might be: a proxy that does not exist keeps such questions on this machine.
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "http_proxy": "http://127.0.0.1:9"}
OBJECT_STORE_BYTES = 128 * 1024**2  # messages are small; pictures go through the results folder


class TaskWorker(Worker):
    """A task of ray whose results are messages, each handed over when it is made."""

    def __init__(self, results: ObjectRefGenerator) -> None:
        self.results = results
        self.is_queued = True
        self.error: Exception | None = None
        self._has_ended = False

    def messages(self) -> Iterator[Message]:
        while not self._has_ended and ray.wait([self.results], timeout=0)[0]:
            self.is_queued = False
            try:
                yield ray.get(next(self.results))
            except StopIteration:
                self._has_ended = True
            except ray.exceptions.RayError as error:
                self.error, self._has_ended = error, True

    @property
    def has_ended(self) -> bool:
        return self._has_ended

    def cause_of_death(self) -> tuple[RowState, str]:
        kind = type(self.error).__name__
        if isinstance(self.error, ray.exceptions.OutOfMemoryError):
            return RowState.OUT_OF_MEMORY, f"ray killed the task, as memory ran out ({kind})"
        if isinstance(self.error, ray.exceptions.RayTaskError):
            return RowState.FAILED, f"the ray task raised {self.error.cause!r}"
        return RowState.FAILED, f"the process of the ray task died ({kind})"

    @property
    def was_killed(self) -> bool:
        """Ray does not tell a killed process from one that crashed, and names lost nodes."""
        own = (ray.exceptions.RayTaskError, ray.exceptions.OutOfMemoryError)
        return self.error is not None and not isinstance(self.error, own)

    def stop(self, patience_s: float = 0.0) -> None:
        ray.wait([self.results], timeout=patience_s)  # its end counts as a result
        ray.cancel(self.results, force=True)


class RayExecutor(Executor):
    """Every worker a task of ray."""

    def run(self, cells: Sequence[Cell], prepare: Callable[[Cell], Job]) -> None:
        if cells:
            with connected(self.workers):
                super().run(cells, prepare)

    def launch(self, job: Job) -> TaskWorker:
        # A fresh process for each task: what an earlier one holds would count as its memory.
        # One message at a time, each received before the next is made: a crash costs the picture
        # that caused it, and no other.
        task = ray.remote(
            max_calls=1,
            max_retries=0,
            num_returns="streaming",
            _generator_backpressure_num_objects=1,
        )(run_task)
        # Ray shows a task its own GPU alone, as the first.
        job = replace(job, device=job.cell.device)
        return TaskWorker(task.options(**demand(job)).remote(job, Path.cwd()))

    def wait(self, seconds: float) -> None:
        workers = (running.worker for running in self.running)
        ray.wait([w.results for w in workers if isinstance(w, TaskWorker)], timeout=seconds)


def run_task(job: Job, folder: Path) -> Iterator[Message]:
    """What the task runs: the job, message by message, seen from the folder of the run."""
    # Before torch is imported: spinning threads make a busy machine many times slower.
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    os.chdir(folder)  # paths of the run may be relative
    from bench.execution.worker import work  # noqa: PLC0415
    from bench.machine.hardware import hardware, machine_digest  # noqa: PLC0415

    yield from work(replace(job, machine=machine_digest(hardware())))


def demand(job: Job) -> dict[str, int]:
    """What a task asks of the machine that it runs on. Raises `BenchError` if none has it."""
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if job.cell.device == "cuda" and not any(machine.get("GPU") for machine in machines):
        raise BenchError("--executor ray: no machine of the cluster has a GPU; use --device cpu")
    most = max(int(machine.get("CPU", 0)) for machine in machines)
    return {"num_cpus": min(job.threads, most), "num_gpus": int(job.cell.device == "cuda")}


@contextmanager
def connected(workers: int) -> Iterator[None]:
    """Ray while it is needed. Raises `BenchError` if it cannot be started or reached."""
    where: dict[str, Any] = {}
    if "RAY_ADDRESS" not in os.environ:
        os.environ |= QUIET
        where = {
            "address": "local",
            "num_cpus": max(os.cpu_count() or 1, workers),
            "include_dashboard": False,
            "object_store_memory": OBJECT_STORE_BYTES,
        }
    try:
        ray.init(**where, log_to_driver=False, logging_level="error")
    except Exception as error:
        raise BenchError(f"--executor ray: ray cannot be started or reached: {error}") from error
    try:
        yield
    finally:
        ray.shutdown()
