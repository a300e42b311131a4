"""Golden cases: published layouts, deterministic weights, reference outputs.

They lie in the folder BENCH_GOLDEN, or in ../shared/golden. Tests find them by how their names
begin and take every size and setting from the case, so that other cases of the same form pass
through the same tests.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from torch import Tensor

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "golden"
FOLDER = Path(os.environ.get("BENCH_GOLDEN") or DEFAULT)
# How names begin; a case is of the longest that fits.
PREFIXES = (
    *("glean_", "stylegan2_mmagic_", "stylegan2_rosinality_", "stylegan2_nvlabs_", "rrdb_"),
    *("pulse_", "pulse_bicubic", "mganprior_", "matlab_imresize"),
    *("biggan_", "biggan_d_", "dgp_sr_", "dgp_op_", "singan_"),
    *("dfdnet_", "dfdnet_boxes"),
    *("srntt_content", "srntt_transfer", "srntt_swap", "srntt_losses"),
)


@dataclass(frozen=True)
class Golden:
    """One case: its settings, its weights, and the arrays the reference took and gave."""

    facts: dict[str, Any]  # all that its JSON file says
    state_dict: dict[str, Tensor]
    arrays: dict[str, Tensor]
    parts: dict[str, dict[str, Tensor]]  # the networks of a case that carries several

    def __getitem__(self, name: str) -> Tensor:
        return self.arrays[name]

    @property
    def config(self) -> dict[str, Any]:
        """What the reference was set to."""
        found: dict[str, Any] = self.facts.get("config", self.facts)
        return found

    def drawn(self, row: list[Any]) -> Tensor:
        """The tensor that a row of key, shape, mean and deviation stands for."""
        found: Tensor = _fill_module().tensor(*row, self.facts.get("salt", ""))
        return found


def golden_cases(
    *prefixes: str,
    having: str = "",
    lacking: str = "",
    slow: Callable[[dict[str, Any]], bool] = lambda config: False,
) -> pytest.MarkDecorator:
    """Run the test once for each case whose name begins so, given as its argument `name`; where
    there is none it is skipped and says so. having, lacking: entries of its JSON file, which tell
    the forms of cases of one prefix apart. slow: whether a case of that configuration is."""
    names = [
        pytest.param(name, marks=[pytest.mark.slow] if slow(config_of(name)) else [])
        for name in names_of(*prefixes, having=having, lacking=lacking)
    ]
    absent = pytest.param("", marks=pytest.mark.skip(reason=none_is_there(*prefixes)), id="absent")
    return pytest.mark.parametrize("name", names or [absent])


def config_of(name: str) -> dict[str, Any]:
    """The configuration of a case."""
    facts = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    config: dict[str, Any] = facts.get("config", {})
    return config


def names_of(*prefixes: str, having: str = "", lacking: str = "") -> list[str]:
    """The cases whose names begin so, in their order."""
    found = [path for path in sorted(FOLDER.glob("*.json")) if prefix_of(path.stem) in prefixes]
    if having:
        entries = {path: json.loads(path.read_text(encoding="utf-8")) for path in found}
        found = [p for p in found if having in entries[p] and lacking not in entries[p]]
    return [path.stem for path in found]


def none_is_there(*prefixes: str) -> str:
    """Why a test is skipped."""
    return f"no golden case {' or '.join(f'{prefix}*' for prefix in prefixes)} is in {FOLDER}"


def any_golden(prefix: str) -> Golden:
    """The first case whose name begins so, for a test to which one will do; where there is none
    the calling test is skipped."""
    names = names_of(prefix)
    if not names:
        pytest.skip(none_is_there(prefix))
    return golden(names[0])


def prefix_of(name: str) -> str:
    """Of which kind a case is; "" of none that is known."""
    return max((prefix for prefix in PREFIXES if name.startswith(prefix)), key=len, default="")


def golden(name: str) -> Golden:
    """The case `name`; the calling test is skipped where it is absent."""
    if not (FOLDER / f"{name}.json").is_file():
        pytest.skip(f"the golden case {name} is not in {FOLDER}")
    return _read(name)


@lru_cache(maxsize=4)  # a case's weights take up to 200 MB; DGP's cases need two more each
def _read(name: str) -> Golden:
    fill = _fill_module()
    case, arrays = fill.load(name)
    prefixes = case.get("prefixes", {})
    rows, parts = iter(case["tensors"]), {}
    for part, length in prefixes.items():
        piece = case | {"tensors": list(itertools.islice(rows, length))}
        parts[part] = fill.state_dict(piece, arrays)
    weights = fill.state_dict(case, arrays)
    return Golden(case, weights, arrays, parts)


def _fill_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("golden_fill", FOLDER / "fill.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def assert_close(actual: Tensor, expected: Tensor, relative: float) -> None:
    """Equal within `relative` of each value."""
    error = ((actual.double() - expected.double()) / expected.double()).abs()
    assert actual.shape == expected.shape
    assert error.max().item() <= relative, error


def assert_parity(actual: Tensor, expected: Tensor, tolerance: float = 1e-3) -> None:
    """Equal within `tolerance` of the largest expected value."""
    assert actual.shape == expected.shape
    error = (actual.double() - expected.double()).abs()
    largest = expected.abs().max().item()
    assert error.max().item() <= tolerance * largest, (
        f"largest error {error.max().item():.3g} of {largest:.3g}, mean {error.mean().item():.3g}"
    )


def assert_gradient_parity(actual: Tensor, expected: Tensor, tolerance: float) -> None:
    """`assert_parity` but where one unit stands on its kink: a ReLU whose input is 0 but for
    rounding is open on one processor and shut on another, and moves what its field of view holds.
    """
    assert actual.shape == expected.shape
    error = (actual.double() - expected.double()).abs()
    beyond = (error > tolerance * expected.abs().max()).double().mean().item()
    whole = (error.norm() / expected.double().norm()).item()
    told = f"{beyond:.1%} of the gradient beyond {tolerance:g}, its whole error {whole:.2g}"
    assert beyond <= 0.15, told
    assert whole <= 1e-2, told
