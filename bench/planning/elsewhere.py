"""The cells of `NAME=FOLDER`, whose pictures were restored elsewhere: there is nothing to load."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch

from bench.core.code_version import version_of
from bench.core.errors import BenchError
from bench.core.rows import RowState
from bench.datasets.elsewhere import open_outputs
from bench.datasets.splits import Split
from bench.datasets.suites import Suite
from bench.operators import Downsample
from bench.planning.cell import Cell
from bench.planning.files import Absent, undivided
from bench.planning.request import Request
from methods.registry import MethodFacts


def cell_elsewhere(
    request: Request,
    suite: Suite,
    facts: MethodFacts,
    split: Split,
    operator: Downsample,
    device: torch.device,
) -> tuple[Cell, Absent | None, tuple[str, ...]]:
    """The cell, why it has nothing to score, and what is to be known of its pictures.

    Raises `BenchError` for what is asked of them and means nothing.
    """
    for flag, given in (("--weights", request.weights), ("--set", request.settings)):
        if facts.name in given:
            raise BenchError(f"{flag} {facts.name}: its pictures are restored already")
    for flag, several in (
        ("--scale", request.scales or suite.scales),
        ("--kernel", request.kernels),
    ):
        if len(several) > 1:
            raise BenchError(
                f"{facts.name}={facts.folder} holds pictures restored from one input, not from "
                f"those of {' and '.join(map(str, several))}: run once for each {flag}, each with "
                "its folder"
            )
    outputs = open_outputs(Path(facts.folder), split)
    cell = Cell(
        method=facts,
        settings={},
        split=split,
        scale=operator.factor,
        operator=operator,
        seed=0,
        files={},
        device=device.type,
        precision=request.precision,
        code=version_of(facts.target),
        torch=torch.__version__,
        setting_files={"pictures": outputs.digest},
        outputs=outputs.of,
    )
    if absent := undivided(split, operator.factor):
        return cell, absent, ()
    if outputs.nothing:
        return cell, Absent(RowState.UNAVAILABLE, outputs.nothing), ()
    return cell, None, tuple(outputs.notes(is_whole=request.images is None))


def check_folders(cells: Iterable[tuple[Cell, Absent | None]]) -> None:
    """Raise `BenchError` if a folder has nothing for any split: it is a mistake."""
    reasons: dict[MethodFacts, list[str]] = {}
    for cell, absent in cells:
        if cell.method.folder:
            unavailable = absent is not None and absent.state is RowState.UNAVAILABLE
            reasons.setdefault(cell.method, []).append(
                absent.reason if absent and unavailable else ""
            )
    for facts, told in reasons.items():
        if all(told):
            raise BenchError(f"{facts.name}={facts.folder}: {told[0]}")
