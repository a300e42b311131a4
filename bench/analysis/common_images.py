"""Tables over the images that methods have in common, where not all restored the same ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.analysis.summary import Line, Table, summarise
from bench.core.rows import Row, RowState
from bench.results.results import Results

# A method that restored fewer of a table's images would leave the others too few to be compared
# on: its pairs with each of them are in pairs.csv all the same.
LEAST_COVERAGE = 0.5


@dataclass(frozen=True)
class CommonTable:
    """The methods of a table, each over the same `images`."""

    table: Table
    images: frozenset[str]
    lines: tuple[Line, ...]
    left_out: tuple[str, ...]  # methods that restored too few


def common_tables(results: Results, lines: Sequence[Line]) -> dict[Table, CommonTable]:
    """For each table whose methods with scores did not restore the same images, one over those
    that all restored with every seed.

    lines: of these results. Left out is what restored less than `LEAST_COVERAGE` of the images;
    there is no table where fewer than two methods or no image remain.
    """
    found = {}
    for table in dict.fromkeys(line.table for line in lines):
        members = [line for line in lines if line.table == table and line.metrics]
        if not any(line.partial for line in members):
            continue
        seeds = {line.method: line.seeds for line in members}
        kept = [line.method for line in members if line.coverage >= LEAST_COVERAGE]
        restored = restored_by(results, table, seeds)
        if len(kept) < 2:
            continue
        common = frozenset.intersection(*(restored[method] for method in kept))
        if common and any(images != common for images in restored.values()):
            of_table = replace(results, rows=tuple(rows_on(results, table, kept, common)))
            left_out = tuple(m.method for m in members if m.method not in kept)
            found[table] = CommonTable(table, common, tuple(summarise(of_table)), left_out)
    return found


def restored_by(
    results: Results, table: Table, seeds: Mapping[str, int]
) -> dict[str, frozenset[str]]:
    """The images that each method restored with every one of its seeds."""
    count = Counter(
        (row.method, row.image)
        for row in results.rows
        if row.state is RowState.OK and Table(row.split, row.scale, row.operator) == table
    )
    return {
        method: frozenset(image for (m, image), n in count.items() if m == method and n == k)
        for method, k in seeds.items()
    }


def rows_on(
    results: Results, table: Table, methods: Sequence[str], images: frozenset[str]
) -> Iterator[Row]:
    """The rows of those methods and images in the table."""
    for row in results.rows:
        here = Table(row.split, row.scale, row.operator) == table
        if here and row.method in methods and row.image in images:
            yield row
