"""The method of a cell, with its files of weights loaded."""

from __future__ import annotations

from pathlib import Path

import torch

from bench.planning.cell import Cell
from methods.base import Method, Task
from methods.registry import load


def open_method(cell: Cell, device: torch.device, cache: Path) -> Method:
    """The method, ready to restore. Raises what its `setup` raises."""
    method_class = load(cell.method)
    task = Task(
        split=cell.split.name,
        size=cell.split.size,
        scale=cell.scale,
        operator=cell.operator,
        device=device,
        cache=cache,
        references=cell.references,
    )
    method = method_class(task, method_class.Settings(**cell.settings))
    method.setup({role: found.path for role, found in cell.files.items()})
    return method
