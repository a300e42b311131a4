"""`run.toml`: what a run was asked for, as `python -m bench run --config` reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.errors import printable
from bench.core.files import write_text
from bench.core.toml_text import toml
from bench.execution.local import LocalExecutor
from bench.planning.request import TIMED

if TYPE_CHECKING:
    from bench.runs.runner import Runner

HEAD = "# python -m bench run --config {path}\n"


def write_config(runner: Runner) -> None:
    """Put it into the results folder. Raises `DiskError`."""
    path = runner.out / "run.toml"
    text = HEAD.format(path=printable(path)) + toml(config_of(runner))
    # A name that is no UTF-8 can stand in no TOML.
    write_text(path, text.encode(errors="replace").decode())


def config_of(runner: Runner) -> dict[str, Any]:
    """Every option that is not left to its default, by its name."""
    request, policy = runner.plan.request, runner.policy
    found: dict[str, Any] = {
        "suite": request.suite,
        "methods": list(request.methods),
        "metrics": list(request.metrics),
        "splits": list(request.splits),
        "scale": list(request.scales),
        "kernel": list(request.kernels),
        "data": text_of(request.data),
        "images": request.images,
        "seeds": request.seeds if request.seeds > 1 else None,
        "weights": {method: str(file) for method, file in request.weights.items()},
        "set": {method: dict(chosen) for method, chosen in request.settings.items() if chosen},
        "device": request.device,
        "precision": request.precision,
        "compile": request.compiled or None,
        "executor": None if runner.executor is LocalExecutor else "ray",
        "workers": request.workers if request.workers > 1 else None,
        "batch": request.batch,
        "timed": request.timed if request.timed != TIMED else None,
        "timeout": policy.timeout_s,
        "images-on-disk": None if policy.keep_images else False,
        "out": str(runner.out),
    }
    return {name: value for name, value in found.items() if value not in ([], {})}


def expanded(runner: Runner) -> list[str]:
    """The arguments of a command that asks for the same without the file."""
    words = runner.plan.request.arguments()
    for name in ("executor", "timeout", "out"):
        value = config_of(runner).get(name)
        words += [f"--{name}", str(value)] if value is not None else []
    return words if runner.policy.keep_images else [*words, "--no-images-on-disk"]


def text_of(path: Path | None) -> str | None:
    """The path as text, if there is one."""
    return None if path is None else str(path)
