"""A benchmark of large-factor image super-resolution with generative priors.

From Python: `bench.run`, `bench.load_results`, `bench.load` and `bench.metric`, of `bench.api`.
It is imported when the first of them is asked for: `import bench` alone imports no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.api import ReadyMetric, Restorer, Results, load, load_results, metric, run

__version__ = "0.1.0"
__all__ = [
    "ReadyMetric",
    "Restorer",
    "Results",
    "load",
    "load_results",
    "metric",
    "run",
]


def __getattr__(name: str) -> Any:
    """The names of `bench.api`, imported when they are first used (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("bench.api"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
