"""The methods of a table over the images that they have in common, where not all restored the
same ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bench.analysis.ranking import Lineup, line_up
from bench.analysis.summary import lines_of
from bench.core.rows import Row, RowState
from bench.results.results import Results

# A method that restored fewer of a table's images would leave the others too few to be compared
# on: its pairs with each of them are in pairs.csv all the same.
LEAST_COVERAGE = 0.5


@dataclass(frozen=True)
class CommonImages:
    """The methods of a table, each over the same `images`."""

    lineup: Lineup
    images: int
    of: int  # images of the table
    left_out: tuple[str, ...] = ()  # methods that restored too few of them

    @property
    def is_whole(self) -> bool:
        """Whether the methods are compared on every image of the table."""
        return self.images == self.of


def on_common_images(whole: Lineup, rows: Sequence[Row], results: Results) -> CommonImages:
    """The methods of a table over the images that all restored with every seed.

    whole: the table over whichever images each method restored; rows: its rows. Left out is what
    restored less than `LEAST_COVERAGE` of the images. Where all restored the same, or fewer than
    two methods or no image remain, it is the table as it is.
    """
    as_it_is = CommonImages(whole, whole.images, whole.images)
    members = [line for line in whole.lines if line.scores.means]
    kept = [line.method for line in members if line.coverage.share >= LEAST_COVERAGE]
    if len(kept) < 2 or not any(line.scores.partial for line in members):
        return as_it_is
    restored = restored_by(rows, {line.method: line.coverage.seeds for line in members})
    common = frozenset.intersection(*(restored[method] for method in kept))
    if not common or all(images == common for images in restored.values()):
        return as_it_is
    shared = [row for row in rows if row.method in kept and row.image in common]
    lineup = line_up(lines_of(shared, results), results.metrics, doubts_of(whole))
    left_out = tuple(line.method for line in members if line.method not in kept)
    return CommonImages(lineup, len(common), whole.images, left_out)


def doubts_of(whole: Lineup) -> dict[str, str]:
    """The metrics that are not to be trusted, and why."""
    return {column: found.doubt for column, found in whole.rankings.items() if found.doubt}


def restored_by(rows: Sequence[Row], seeds: dict[str, int]) -> dict[str, frozenset[str]]:
    """The images that each method restored with every one of its seeds."""
    count = Counter((row.method, row.image) for row in rows if row.state is RowState.OK)
    return {
        method: frozenset(image for (m, image), n in count.items() if m == method and n == k)
        for method, k in seeds.items()
    }
