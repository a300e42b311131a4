"""Several seeds of a stochastic method: their mean, their spread, and the best of them."""

from __future__ import annotations

from dataclasses import dataclass

from bench.analysis.ranking import Lineup
from bench.report import formats
from bench.report.names import display_names

SEED_HEADERS = ("metric", "seeds", "mean", "sd between seeds", "best of k, chosen with the truth")
SEED_NOTE = (
    "The mean is over images, of each image's mean over the seeds; the spread is the standard "
    "deviation of the means that single seeds give. The best of k takes each image's best seed by "
    "that very metric: no method can choose so, and it compares with nothing else here."
)


@dataclass(frozen=True)
class SeedRow:
    """One metric of a method with several seeds, as text."""

    method: str
    cells: tuple[str, str, str, str, str]  # under `SEED_HEADERS`


def seed_rows(lineup: Lineup) -> list[SeedRow]:
    """A row for each method with several seeds and each of its metrics."""
    names = display_names(lineup.lines)
    return [
        SeedRow(
            names[line.method],
            (
                formats.header(facts),
                str(found.seeds),
                formats.number(facts, line.scores.means[facts.column].mean),
                formats.number(facts, found.sd),
                formats.number(facts, found.best_of_k),
            ),
        )
        for line in lineup.lines
        for facts in lineup.metrics
        if (found := line.scores.spread.get(facts.column))
    ]
