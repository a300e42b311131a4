"""Golden cases of ../shared/golden: published layouts, deterministic weights, reference outputs."""

from __future__ import annotations

import importlib.util
import itertools
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from torch import Tensor

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "golden"


@dataclass(frozen=True)
class Golden:
    """One case: what the reference was, its weights, and the arrays it took and gave."""

    config: dict[str, Any]
    state_dict: dict[str, Tensor]
    arrays: dict[str, Tensor]
    parts: dict[str, dict[str, Tensor]]  # the networks of a case that carries several

    def __getitem__(self, name: str) -> Tensor:
        return self.arrays[name]


def golden(name: str) -> Golden:
    """The case `name`; the calling test is skipped where the folder is absent."""
    if not FOLDER.is_dir():
        pytest.skip(f"the golden cases are not in {FOLDER}")
    return _read(name)


@lru_cache(maxsize=2)  # a case's weights take up to 200 MB
def _read(name: str) -> Golden:
    fill = _fill_module()
    case, arrays = fill.load(name)
    prefixes = case.get("prefixes", {})
    rows, parts = iter(case["tensors"]), {}
    for part, length in prefixes.items():
        piece = case | {"tensors": list(itertools.islice(rows, length))}
        parts[part] = fill.state_dict(piece, arrays)
    weights = fill.state_dict(case, arrays)
    return Golden(case.get("config", {}), weights, arrays, parts)


def _fill_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("golden_fill", FOLDER / "fill.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def assert_parity(actual: Tensor, expected: Tensor, tolerance: float = 1e-3) -> None:
    """Equal within `tolerance` of the largest expected value."""
    assert actual.shape == expected.shape
    error = (actual.double() - expected.double()).abs()
    largest = expected.abs().max().item()
    assert error.max().item() <= tolerance * largest, (
        f"largest error {error.max().item():.3g} of {largest:.3g}, mean {error.mean().item():.3g}"
    )
