"""What a run would do: the grid of its cells, for `--dry-run`."""

from __future__ import annotations

from tabulate import tabulate

from bench.planning.plan import PlannedCell
from bench.planning.used import used_by
from bench.runs.runner import Runner


def grid_of(runner: Runner) -> str:
    """A table of methods by split and scale, and under it why cells cannot run.

    Raises `BenchError` as the run would.
    """
    runner.check()
    table: dict[str, dict[str, str]] = {}
    reasons: list[str] = []
    to_do = sum(len(runner.left(cell)) for cell in runner.cells)
    several_kernels = len({planned.cell.operator.kernel for planned in runner.plan.cells}) > 1
    for planned in runner.plan.cells:
        cell = planned.cell
        seed = f" seed {cell.seed}" if cell.seed else ""
        kernel = f" {cell.operator.kernel}" if several_kernels else ""
        column = f"{cell.split.name} {cell.scale}x{kernel}"
        table.setdefault(f"{cell.method.label}{seed}", {})[column] = state_of(runner, planned)
        if planned.absent:
            reasons.append(f"{cell.title}: {planned.absent.state}: {planned.absent.reason}")
    columns = list(dict.fromkeys(column for row in table.values() for column in row))
    lines = [[name, *(row.get(column, "") for column in columns)] for name, row in table.items()]
    bad = [
        f"{split.name}: {picture.problem}"
        for split in runner.plan.splits
        for picture in split.pictures
        if picture.problem
    ]
    metrics = ", ".join(scoring.facts.column for scoring in runner.plan.metrics)
    missing = [f"{column}: {why}" for column, why in runner.plan.missing_metrics.items()]
    parts = [
        tabulate(lines, headers=["method", *columns]),
        f"{to_do} images to restore or score; nothing was run. Results folder: {runner.out}",
        f"Metrics: {metrics or 'none'}",
        *listing("Weights:", weights_of(runner)),
        *listing("Metrics that cannot be computed here:", missing),
        *listing("Cells that cannot run:", reasons),
        *listing("Pictures that cannot be used:", bad),
    ]
    return "\n\n".join(parts)


def weights_of(runner: Runner) -> list[str]:
    """The files that each cell would read, those of further seeds left out."""
    told: dict[str, None] = {}
    for planned in runner.plan.cells:
        used, cell = used_by(planned), planned.cell
        where = f"{cell.method.label} on {cell.split.name} at {cell.scale}x"
        for file in used.files if used else ():
            found = cell.files.get(file.role)
            path = found.path if found else cell.settings.get(file.role, file.file)
            told[f"{where}: {file.role}: {path} (sha256 {file.sha256[:12]})"] = None
    return list(told)


def state_of(runner: Runner, planned: PlannedCell) -> str:
    """A cell's entry in the grid."""
    if planned.absent:
        return planned.absent.state
    usable = sum(picture.problem is None for picture in planned.cell.split.pictures)
    left = len(runner.left(planned.cell))
    return (
        f"{left} to do"
        if left == usable
        else f"{left} to do, {usable - left} cached"
        if left
        else f"{usable} cached"
    )


def listing(title: str, lines: list[str]) -> list[str]:
    """The lines under their title; nothing where there are none."""
    return ["\n".join([title, *(f"  {line}" for line in lines)])] if lines else []
