"""What a plugin sets for the whole process, kept to itself.

A method that sets torch's default type, turns gradients off or changes the working folder would
otherwise change the metrics, the timings and the place of the results. Each plugin finds what it
left; the engine, and every other plugin, find what they had.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import torch


def working_folder() -> Path | None:
    """Where the process is; None if that folder is gone."""
    try:
        return Path.cwd()
    except OSError:
        return None


def go_to(folder: Path | None) -> None:
    """Go to a folder, if it is still there."""
    with suppress(OSError):
        if folder:
            os.chdir(folder)


def set_device(device: torch.device) -> None:
    """Make new tensors there. The CPU is the default, and costs nothing only if it is not named."""
    torch.set_default_device(None if device.type == "cpu" else device)


def deterministic() -> tuple[bool, bool]:
    """Whether torch takes deterministic algorithms alone, and whether it only warns."""
    return (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )


def be_deterministic(setting: tuple[bool, bool]) -> None:
    """Set what `deterministic` told."""
    torch.use_deterministic_algorithms(setting[0], warn_only=setting[1])


def cudnn_flags() -> tuple[bool, bool]:
    """How cudnn chooses its algorithms."""
    return torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic


def set_cudnn_flags(flags: tuple[bool, bool]) -> None:
    """Set what `cudnn_flags` told."""
    torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic = flags


# Each with what reads it and what sets it.
SETTINGS: tuple[tuple[Callable[[], Any], Callable[[Any], object]], ...] = (
    (working_folder, go_to),
    (torch.get_default_dtype, torch.set_default_dtype),
    (torch.get_default_device, set_device),
    (torch.is_grad_enabled, torch.set_grad_enabled),
    (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
    (deterministic, be_deterministic),
    (cudnn_flags, set_cudnn_flags),
    (np.geterr, lambda flags: np.seterr(**flags)),
)


@dataclass(frozen=True)
class Snapshot:
    """All settings at one moment."""

    values: tuple[Any, ...]

    @classmethod
    def taken(cls) -> Snapshot:
        return cls(tuple(read() for read, _ in SETTINGS))

    def put(self) -> None:
        """Set what is otherwise now."""
        for (read, write), value in zip(SETTINGS, self.values, strict=True):
            if read() != value:
                write(value)


class OwnState:
    """`with state:` around each call of one plugin.

    The number of threads is no plugin's own: it is the run's, so that timings compare.
    """

    def __init__(self) -> None:
        self.own: Snapshot | None = None

    def __enter__(self) -> None:
        self.threads = torch.get_num_threads()
        self.others = Snapshot.taken()
        if self.own:
            self.own.put()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.own = Snapshot.taken()
        self.others.put()
        if torch.get_num_threads() != self.threads:
            torch.set_num_threads(self.threads)


def seed_generators(seed: int) -> None:
    """Start the global random generators anew.

    What a plugin draws from them then depends on the seed, and not on the plugins before it.
    """
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)
