"""One report computes each thing once; tables, plots and the page only format it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench import report
from bench.analysis import analysis, common_images, pairs, ranking
from bench.report.plots import figures
from bench.results import folder
from tests.support.commands import ROOT


def test_one_report_ranks_pairs_and_finds_common_images_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Counter[object] = Counter()

    def counted(module: Any, name: str, what: Callable[..., object]) -> None:
        function = getattr(module, name)

        def wrapper(*given: Any) -> object:
            calls[name, what(*given)] += 1
            return function(*given)

        monkeypatch.setattr(module, name, wrapper)

    def methods(lines: Any) -> tuple[object, ...]:
        return (lines[0].table, *((line.method, line.coverage.images) for line in lines))

    for name in ("rank", "ranked", "best"):
        counted(ranking, name, lambda lines, facts, *_: (methods(lines), facts.column))
    counted(pairs, "on_common_images", lambda a, b, facts: (facts.column, *a.items(), *b.items()))
    counted(analysis, "on_common_images", lambda whole, *_: whole.table)
    counted(analysis, "lines_of", lambda rows, _: tuple(row.key for row in rows))
    counted(common_images, "lines_of", lambda rows, _: tuple(row.key for row in rows))
    counted(analysis, "curves_of", lambda rows, _: tuple(row.key for row in rows))
    counted(analysis, "literature_of", lambda lines, _: methods(lines))

    # Making the files of the plots takes long and counts nothing.
    for name in ("save_png", "save_svg"):
        monkeypatch.setattr(figures, name, lambda *_: None)
    results = folder.load_results(ROOT / "reports" / "mini")
    # The searches are over fewer images, so that a second table compares the others anew.
    rows = tuple(row for row in results.rows if row.method not in ("pulse", "mganprior"))
    results = replace(results, rows=rows)
    report.write(results, tmp_path, None)
    names = Counter(key[0] for key in calls)
    tables = len({row.table for row in results.rows})
    assert names["lines_of"] == names["curves_of"] == names["literature_of"] == tables
    assert names["rank"] >= 4 * tables
    assert names["rank"] == names["ranked"] == names["best"]
    assert names["on_common_images"] > 4 * tables
    assert set(calls.values()) == {1}
