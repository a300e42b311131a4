"""The lines that may stand side by side: where methods restored different images, those over
the images that all of them restored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.analysis.common_images import common_tables
from bench.analysis.ranking import tables_of
from bench.analysis.summary import Line, Table
from bench.results.results import Results


@dataclass(frozen=True)
class Comparable:
    """The lines of a table over the same `images`."""

    lines: tuple[Line, ...]
    images: int
    of: int  # images of the table
    left_out: tuple[str, ...] = ()  # methods that restored too few of them

    @property
    def is_whole(self) -> bool:
        """Whether the lines are over every image of the table."""
        return self.images == self.of


def comparable_tables(results: Results, lines: Sequence[Line]) -> dict[Table, Comparable]:
    """Every table, in the order of the lines."""
    common = common_tables(results, lines)
    found = {}
    for table, members in tables_of(lines).items():
        of = members[0].n
        if shared := common.get(table):
            found[table] = Comparable(shared.lines, len(shared.images), of, shared.left_out)
        else:
            found[table] = Comparable(tuple(members), of, of)
    return found
