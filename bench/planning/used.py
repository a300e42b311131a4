"""What a planned cell is measured with, for the record: its files of weights and its settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench.planning.cell import Cell
from bench.results.measured import Measured, UsedFile
from bench.weights.trained_on import UNKNOWN, trained_on_told
from methods.registry import settings_class
from methods.settings.documented import others

if TYPE_CHECKING:
    from bench.planning.plan import PlannedCell


def used_by(planned: PlannedCell) -> Measured | None:
    """What the cell is measured with; None if it cannot run."""
    cell = planned.cell
    if planned.absent:
        return None
    chosen, has_paper = settings_class(cell.method), bool(cell.method.paper)
    settings = others(chosen, cell.settings, has_paper=has_paper)
    return Measured(
        method=cell.method.label,
        split=cell.split.name,
        scale=cell.scale,
        files=tuple(used_files(cell)),
        settings=tuple(str(o) for o in settings if o.name not in cell.setting_files),
        paper=cell.method.paper,
    )


def used_files(cell: Cell) -> Iterator[UsedFile]:
    """The files of weights, then those that settings name."""
    for role, found in cell.files.items():
        card = found.card
        yield UsedFile(
            role=role,
            file=found.path.name,
            sha256=found.sha256,
            card=card.name if card else "",
            licence=card.licence if card else UNKNOWN,
            trained_on=trained_on_told(card),
        )
    for setting, sha256 in cell.setting_files.items():
        path = Path(str(cell.settings.get(setting, setting)))
        yield UsedFile(setting, path.name, sha256, licence=UNKNOWN, trained_on=UNKNOWN)
