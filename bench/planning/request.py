"""What a command asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.core.toml_text import option_text

TIMED = 5  # pictures of a cell whose latency is taken, where others go in batches


@dataclass(frozen=True)
class Request:
    """What a user asked for; None and empty mean the suite's own choice."""

    suite: str
    methods: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    scales: tuple[int, ...] = ()
    kernels: tuple[str, ...] = ()  # of the degradation
    data: Path | None = None
    images: int | None = None
    seeds: int = 1
    weights: Mapping[str, Path] = field(default_factory=dict)  # method to file
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # method to its own
    device: str = "auto"
    precision: str = "fp32"
    compiled: bool = False  # networks, by torch.compile
    workers: int = 1  # cells at a time, which share the cores
    batch: int | None = None  # pictures restored at once; None: `--batch auto`
    timed: int = TIMED  # the first pictures of a cell, which are restored one by one

    def arguments(self) -> list[str]:
        """The command line that asks for the same, for the record of a run."""
        lists = {
            "--methods": self.methods,
            "--metrics": self.metrics,
            "--splits": self.splits,
            "--scale": self.scales,
            "--kernel": self.kernels,
        }
        words = ["run", "--suite", self.suite]
        for flag, values in lists.items():
            words += [flag, ",".join(map(str, values))] if values else []
        words += ["--data", str(self.data)] if self.data else []
        words += ["--images", str(self.images)] if self.images else []
        words += ["--seeds", str(self.seeds)] if self.seeds > 1 else []
        for name, file in self.weights.items():
            words += ["--weights", f"{name}={file}"]
        for name, chosen in self.settings.items():
            for key, value in chosen.items():
                words += ["--set", f"{name}.{key}={option_text(value)}"]
        words += ["--workers", str(self.workers)] if self.workers > 1 else []
        words += ["--batch", str(self.batch)] if self.batch else []
        words += ["--timed", str(self.timed)] if self.timed != TIMED else []
        words += ["--compile"] if self.compiled else []
        return [*words, "--device", self.device, "--precision", self.precision]
