"""Checkpoints of a training: whole or not there, and refused where they belong to another."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from bench.core.errors import BenchError
from bench.core.files import write_bytes

FILE = "checkpoint.pt"


@dataclass
class Progress:
    """How far a training is."""

    iteration: int = 0
    seconds: float = 0.0  # of training, scoring included, over all sittings
    best: float = float("inf")
    curve: list[dict[str, float]] = field(default_factory=list)  # one entry a checkpoint


def save_checkpoint(
    out: Path, progress: Progress, state: Mapping[str, Any], identity: Mapping[str, Any]
) -> None:
    """Write `out`/checkpoint.pt atomically. Raises `DiskError`, the previous one intact."""
    whole = {"progress": vars(progress), "state": state, "identity": identity}
    # In memory first: on a full disk torch's own writer says nothing of the cause.
    buffer = io.BytesIO()
    torch.save(whole, buffer)
    write_bytes(out / FILE, buffer.getvalue())


def load_checkpoint(out: Path, identity: Mapping[str, Any]) -> tuple[Progress, dict[str, Any]]:
    """The training in `out`. Raises `BenchError` if there is none or it is not `identity`'s."""
    path = out / FILE
    if not path.is_file():
        raise BenchError(f"--resume: there is no {path}; leave --resume out to start a training")
    try:
        whole = torch.load(path, map_location="cpu", weights_only=True)
        saved, progress, state = whole["identity"], Progress(**whole["progress"]), whole["state"]
    except (OSError, RuntimeError, KeyError, TypeError, EOFError, pickle.UnpicklingError) as error:
        raise BenchError(
            f"{path} is no checkpoint of a training ({type(error).__name__}); "
            "remove it, or choose another --out"
        ) from error
    differing = [
        f"{key} was {saved.get(key)!r} and is {identity.get(key)!r}"
        for key in sorted(saved.keys() | identity.keys())
        if saved.get(key) != identity.get(key)
    ]
    if differing:
        raise BenchError(
            f"{path} is of another training: {'; '.join(differing)}. "
            "Give the same options and pictures, or choose another --out"
        )
    return progress, state


def refuse_to_overwrite(out: Path) -> None:
    """Raise `BenchError` if a training lies in `out` already."""
    if (out / FILE).exists():
        raise BenchError(
            f"{out} holds a training already: add --resume to go on with it, "
            "or choose another --out"
        )
