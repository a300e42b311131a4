"""Where cells run, as `--executor` says it."""

from __future__ import annotations

import importlib.util
from enum import StrEnum
from typing import TYPE_CHECKING

from bench.core.errors import BenchError

if TYPE_CHECKING:
    from bench.execution import executor as executors


class Executor(StrEnum):
    """Where cells run."""

    LOCAL = "local"
    RAY = "ray"


def load_executor(name: Executor) -> type[executors.Executor]:
    """The executor's class. Raises `BenchError` with the command that installs what it lacks."""
    from bench.execution.local import LocalExecutor

    if name is Executor.LOCAL:
        return LocalExecutor
    if importlib.util.find_spec("ray") is None:
        raise BenchError(
            "--executor ray needs the package ray: `pip install 'sr-prior-bench[ray]'`; "
            "--executor local needs nothing"
        )
    from bench.execution.ray_tasks import RayExecutor

    return RayExecutor
