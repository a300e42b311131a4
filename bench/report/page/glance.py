"""The first screen: which method is best at what, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.analysis.analysis import Analysis
from bench.analysis.ranking import Ranking
from bench.analysis.summary import Line
from bench.core.rows import RowState
from bench.metrics.facts import MetricFacts, Role, of_role
from bench.report import formats

# What people ask; the first metric of the role that was measured answers.
QUESTIONS = {
    Role.PERCEPTION: "Perceptual distance",
    Role.FIDELITY: "Fidelity to the truth",
    Role.IDENTITY: "Identity",
    Role.CONSISTENCY: "Agreement with the input",
}


@dataclass(frozen=True)
class Winner:
    """A method, and on how many tables it is best and told from every other."""

    method: str
    best: int
    alone: int


@dataclass(frozen=True)
class Answer:
    """Who is best by one metric, most tables first."""

    question: str
    metric: str
    winners: tuple[Winner, ...]
    tables: int
    is_told: bool  # False: too few images everywhere to tell a lead from chance


@dataclass(frozen=True)
class TableVerdict:
    """The best of one table by one metric; no methods where none competed or it is undefined."""

    best: tuple[str, ...]
    tied: tuple[str, ...]
    is_told: bool
    mean: str
    interval: str
    doubt: str = ""  # why the metric is not to be trusted here


@dataclass(frozen=True)
class GlanceRow:
    """The verdicts of one table."""

    title: str
    split: str
    images: str  # how many the verdicts are over
    verdicts: tuple[TableVerdict, ...]


def answers(analysis: Analysis) -> Iterator[Answer]:
    """One for each question that was measured with at least two methods.

    Where the sanity check found a metric wanting, it answers nothing.
    """
    for role, question in QUESTIONS.items():
        asked = (competitions(facts, analysis) for facts in of_role(role, analysis.metrics))
        if rankings := next(filter(None, asked), None):
            best = Counter(method for ranking in rankings for method in ranking.best)
            alone = Counter(ranking.best[0] for ranking in rankings if ranking.is_alone)
            yield Answer(
                question,
                formats.header(rankings[0].metric),
                tuple(Winner(method, n, alone[method]) for method, n in best.most_common()),
                len(rankings),
                any(ranking.is_told for ranking in rankings),
            )


def competitions(facts: MetricFacts, analysis: Analysis) -> list[Ranking]:
    """The metric's ranking in each table where methods compete and it is to be trusted."""
    found = (table.common.lineup.rankings.get(facts.column) for table in analysis.tables)
    return [ranking for ranking in found if ranking and ranking.best and not ranking.doubt]


def glance_rows(analysis: Analysis) -> Iterator[GlanceRow]:
    """One for each table."""
    for table in analysis.tables:
        common = table.common
        rankings = (common.lineup.rankings.get(facts.column) for facts in analysis.metrics)
        images = str(common.of) if common.is_whole else f"{common.images} of {common.of}"
        verdicts = tuple(verdict(ranking) for ranking in rankings)
        yield GlanceRow(table.key.title, table.key.split, images, verdicts)


def verdict(ranking: Ranking | None) -> TableVerdict:
    """The verdict of one metric in one table."""
    if ranking is None or not ranking.best:
        return TableVerdict((), (), False, "", "")
    first = ranking.lines[0].scores.means[ranking.metric.column]
    mean, interval = formats.score(ranking.metric, first)
    return TableVerdict(ranking.best, ranking.tied, ranking.is_told, mean, interval, ranking.doubt)


def coverage(lines: Sequence[Line]) -> list[tuple[str, int]]:
    """How many rows ended in each state, those that are ok first, and how many never ran."""
    counts = Counter(
        {state: sum(line.coverage.states.get(state, 0) for line in lines) for state in RowState}
    )
    found = [(state.value, counts[state]) for state in RowState if counts[state]]
    unreached = sum(line.coverage.unreached for line in lines)
    return [*found, *([("not run", unreached)] if unreached else [])]
