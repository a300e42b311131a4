"""Where numbers come from: versions, hardware, commit, and every hash of a plan."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bench
from bench.core.paths import cache_dir
from bench.machine.hardware import hardware, machine_digest
from bench.metrics.facts import stated
from bench.planning.plan import Plan, PlannedCell

PACKAGES = (
    "torch", "numpy", "scipy", "pandas", "pillow", "scikit-image", "lpips",
    "onnxruntime", "insightface", "stlpips-pytorch", "dlib-bin", "spandrel", "safetensors",
)  # fmt: skip


def describe_run(plan: Plan, arguments: Sequence[str], started: str) -> dict[str, Any]:
    """What `run.json` says."""
    return {
        **command_of(plan, arguments),
        "started": started,
        "bench": bench.__version__,
        "commit": git_commit(),
        "python": platform.python_version(),
        "packages": versions(PACKAGES),
        "hardware": (machine := hardware()),
        "machine": machine_digest(machine),
        "suite": plan.suite.model_dump(mode="json"),
        "splits": {
            split.name: {
                "digest": split.digest,
                "domain": split.domain,
                "images": {picture.name: picture.sha256 for picture in split.pictures},
            }
            for split in plan.splits
        },
        "metrics": {
            scoring.facts.column: stated(scoring.facts) | {"digest": scoring.digest}
            for scoring in plan.metrics
        },
        "missing_metrics": dict(plan.missing_metrics),
        "cells": [describe_cell(planned) for planned in plan.cells],
    }


def command_of(plan: Plan, arguments: Sequence[str]) -> dict[str, Any]:
    """What makes the run again from a clean shell: its arguments, and the variables without which
    the same command would find other weights or compute with other threads."""
    kept = (cache_dir() / "weights").resolve()
    files = (found.path for planned in plan.cells for found in planned.cell.files.values())
    names = ["BENCH_WEIGHTS", "OMP_NUM_THREADS"]
    names += ["BENCH_CACHE"] if any(file.resolve().is_relative_to(kept) for file in files) else []
    given = {name: os.environ[name] for name in names if os.environ.get(name)}
    return {"arguments": list(arguments), "environment": given}


def describe_cell(planned: PlannedCell) -> dict[str, Any]:
    """A cell with all that its key is made of."""
    cell = planned.cell
    description = {"key": cell.key, "title": cell.title} | cell.identity
    if cell.readings:
        description["weights_read"] = {role: r.facts for role, r in cell.readings.items()}
    if planned.absent:
        description |= {"state": planned.absent.state, "reason": planned.absent.reason}
    return description


def git_commit() -> str | None:
    """The commit of the source checkout, marked where files differ from it; None elsewhere."""
    root = Path(bench.__file__).parents[1]
    if not (root / ".git").exists():
        return None
    try:
        run = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40"],  # noqa: S607
            capture_output=True, encoding="utf-8", errors="replace", timeout=10, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return run.stdout.strip() or None


def versions(packages: Sequence[str]) -> dict[str, str]:
    """The versions of the installed ones among `packages`."""
    found = {}
    for package in packages:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
