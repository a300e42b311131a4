"""The first screen: which method is best at what, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.analysis.common_lines import Comparable
from bench.analysis.ranking import FIDELITY, PERCEPTUAL
from bench.analysis.summary import Line, Table
from bench.core.rows import RowState
from bench.metrics.facts import MetricFacts
from bench.report import formats
from bench.report.page.leaders import Leaders

# What people ask, and the metrics that answer: the first that was measured does.
QUESTIONS = (
    ("Perceptual distance", PERCEPTUAL),
    ("Fidelity to the truth", (FIDELITY, "ssim")),
    ("Identity", ("arcface_cosine", "dlib_distance")),
    ("Agreement with the input", ("lr_psnr_db",)),
)

Found = Mapping[tuple[Table, str], Leaders]


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
class Verdict:
    """The best of one table by one metric; no methods where none competed or it is undefined."""

    best: tuple[str, ...]
    tied: tuple[str, ...]
    is_told: bool
    mean: str
    interval: str


@dataclass(frozen=True)
class GlanceRow:
    """The verdicts of one table."""

    title: str
    split: str
    images: str  # how many the verdicts are over
    verdicts: tuple[Verdict, ...]


def answers(
    found: Found, tables: Sequence[Table], metrics: Sequence[MetricFacts]
) -> Iterator[Answer]:
    """One for each question that was measured with at least two methods."""
    known = {facts.column: facts for facts in metrics}
    for question, columns in QUESTIONS:
        facts = next((known[column] for column in columns if column in known), None)
        if facts is None:
            continue
        leaders = [lead for table in tables if (lead := found.get((table, facts.column)))]
        best = Counter(method for lead in leaders for method in lead.best)
        alone = Counter(lead.best[0] for lead in leaders if lead.is_alone)
        if leaders:
            yield Answer(
                question,
                formats.header(facts),
                tuple(Winner(method, n, alone[method]) for method, n in best.most_common()),
                len(leaders),
                any(lead.is_told for lead in leaders),
            )


def glance_rows(
    found: Found, tables: Mapping[Table, Comparable], metrics: Sequence[MetricFacts]
) -> Iterator[GlanceRow]:
    """One for each table."""
    for table, shared in tables.items():
        verdicts = (verdict(found.get((table, f.column)), shared.lines, f) for f in metrics)
        title = f"{table.split}, {table.scale}x"
        images = str(shared.of) if shared.is_whole else f"{shared.images} of {shared.of}"
        yield GlanceRow(title, table.split, images, tuple(verdicts))


def verdict(leaders: Leaders | None, lines: Sequence[Line], facts: MetricFacts) -> Verdict:
    """The verdict of one metric in one table."""
    if leaders is None:
        return Verdict((), (), False, "", "")
    first = next(line for line in lines if line.method == leaders.best[0])
    mean, interval = formats.score(facts, first.metrics[facts.column])
    return Verdict(leaders.best, leaders.tied, leaders.is_told, mean, interval)


def coverage(lines: Sequence[Line]) -> list[tuple[str, int]]:
    """How many rows ended in each state, those that are ok first, and how many never ran."""
    counts = Counter(
        {state: sum(line.states.get(state, 0) for line in lines) for state in RowState}
    )
    found = [(state.value, counts[state]) for state in RowState if counts[state]]
    unreached = sum(line.n * line.seeds - line.rows for line in lines)
    return [*found, *([("not run", unreached)] if unreached else [])]
