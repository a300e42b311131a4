"""What a command asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Request:
    """What the command line asked for; None and empty mean the suite's own choice."""

    suite: str
    methods: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    scales: tuple[int, ...] = ()
    data: Path | None = None
    images: int | None = None
    seeds: int = 1
    weights: Mapping[str, Path] = field(default_factory=dict)  # method to file
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # method to its own
    device: str = "auto"
    precision: str = "fp32"
