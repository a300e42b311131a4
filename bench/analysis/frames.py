"""A results folder as pandas data frames, for those who compute on it from Python.

The frames are made of the same lines as the CSV files, not read back from them. There, a name such
as `000` or `NA` would come back as a number or as nothing, and one such as `=x` with the apostrophe
that keeps spreadsheets from computing it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from bench.analysis.csv_lines import pair_lines, summary_lines
from bench.analysis.factors import factor_lines
from bench.analysis.summary import Line, summarise
from bench.results import results
from bench.results.budgets_csv import budget_columns, budget_lines
from bench.results.factors_csv import COLUMNS
from bench.results.pairs_csv import PAIR_HEAD
from bench.results.rows_csv import row_columns, row_lines
from bench.results.summary_csv import summary_columns


@dataclass(frozen=True)
class Results:
    """A results folder as data frames; the report and the pictures lie in `out`.

    The columns are those of the CSV files, which `reports/README.md` explains.
    """

    out: Path
    found: results.Results

    @cached_property
    def rows(self) -> pd.DataFrame:
        """One line an image and cell, as in `rows.csv`."""
        return frame(row_columns(self.found), row_lines(self.found))

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One line a method and table, as in `summary.csv`: means with their 95% intervals."""
        return frame(summary_columns(self.found), summary_lines(self.lines))

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """One line a pair of methods, metric and table, as in `pairs.csv`."""
        return frame(PAIR_HEAD, pair_lines(self.lines))

    @cached_property
    def factors(self) -> pd.DataFrame:
        """One line a factor and method, as in `factors.csv`; none of photographs."""
        return frame(COLUMNS, map(asdict, self.found.factors or factor_lines(self.found)))

    @cached_property
    def budgets(self) -> pd.DataFrame:
        """One line a milestone of a search, as in `budgets.csv`; none without searches."""
        return frame(budget_columns(self.found), budget_lines(self.found))

    @cached_property
    def lines(self) -> list[Line]:
        """The rows drawn together, which takes the time of their intervals."""
        return summarise(self.found)


def frame(columns: Sequence[str], lines: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The lines as a data frame: text stays text, whatever it looks like, and what is missing is
    NaN, columns of nothing else included."""
    table = pd.DataFrame(list(lines), columns=list(columns))
    empty = [name for name in table if len(table) and table[name].isna().all()]
    return table.astype(dict.fromkeys(empty, float))
