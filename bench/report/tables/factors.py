"""The factors of a table's pictures, as text in cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.analysis.analysis import TableAnalysis
from bench.analysis.factors import in_order, truth_of
from bench.report import formats
from bench.report.formats import NOTHING
from bench.results.results import FactorLine, Standing
from bench.stats import FEWEST

MARKS = {Standing.KEPT: "●", Standing.PARTLY: "◐", Standing.LOST: "○", Standing.UNCLEAR: "?"}
FACTORS_NOTE = (
    "The share of the images on which a reader of the factor agrees with what the picture was "
    "rendered with; truth: on the true pictures, the most that a restoration can hope for; "
    "chance: of the best blind guess. ● kept: above chance, and not told below the truth by the "
    "Wilcoxon signed-rank test, after Holm's correction over the methods of the factor. ◐ partly: "
    "told below the truth, above chance. ○ lost: told below it, not above chance. ? unclear: "
    "neither. A few images tell little apart: with more, less is kept. "
    f"Fewer than {FEWEST} images have no mark."
)


@dataclass(frozen=True)
class FactorTable:
    """The factors of one table as text."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: tuple[str, ...]  # factors that cannot be read, with the numbers that say so


def factor_table(table: TableAnalysis, names: Mapping[str, str]) -> FactorTable | None:
    """The table of the factors, methods best first; None where none was read."""
    lines = table.factors
    if not lines:
        return None
    factors, methods = in_order(lines, table.whole.best_first)
    found = {(line.factor, line.method): line for line in lines}
    rows = []
    for factor in factors:
        chance = next(line.chance for line in lines if line.factor == factor)
        cells = (cell_text(found.get((factor, method))) for method in methods)
        guides = (f"{chance:.2f}", f"{truth_of(lines, factor):.2f}")
        rows.append((formats.factor(factor), *guides, *cells))
    left_out = (
        f"{formats.factor(line.factor)} (truth {line.truth:.2f}, chance {line.chance:.2f})"
        for line in lines
        if not line.method
    )
    return FactorTable(
        title=table.key.title,
        headers=("factor", "chance", "truth", *(names.get(method, method) for method in methods)),
        rows=tuple(rows),
        left_out=tuple(left_out),
    )


def cell_text(line: FactorLine | None) -> str:
    """Such as `0.83 ●`."""
    if line is None or line.agreement is None:
        return NOTHING
    mark = f" {MARKS[line.standing]}" if line.standing else ""
    return f"{line.agreement:.2f}{mark}"
