"""Factors read back: agreement of each factor in each method's pictures, beside the truth's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean

from bench.analysis.summary import Line, by_table
from bench.core.grouping import grouped
from bench.core.rows import Row, RowState, TableKey
from bench.metrics.facts import Role, of_role
from bench.results.results import FactorLine, Results, Standing
from bench.stats import (
    Interval,
    PairedDifference,
    holm_of,
    is_told_apart,
    mean_interval,
    paired_difference,
)

Shares = Mapping[str, tuple[float, float]]  # image to what the restored picture and the truth get


def factor_lines(results: Results) -> tuple[FactorLine, ...]:
    """A line a factor and method of every table whose rows have them, counted factors first."""
    return tuple(
        line
        for facts in of_role(Role.FACTORS, results.metrics)[:1]
        for table, rows in by_table(having(facts.column, results.rows)).items()
        for line in lines_of(table, rows, facts.column)
    )


def having(column: str, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows whose score in that column has parts."""
    return (row for row in rows if row.state is RowState.OK and row.parts.get(column))


def lines_of(table: TableKey, rows: Sequence[Row], column: str) -> Iterator[FactorLine]:
    """The lines of one table, whose rows have parts in that column."""
    by_method = grouped((row.method, row) for row in rows)
    factors = grouped(read for row in rows for read in row.parts[column].items())
    counted = [f for f, parts in factors.items() if any(p.restored is not None for p in parts)]
    shares = {
        (factor, method): found
        for factor in counted
        for method, of_method in by_method.items()
        if (found := shares_of(factor, of_method, column))
    }
    differences = {place: difference_of(found) for place, found in shares.items()}
    corrected: dict[tuple[str, str], float | None] = {}
    for factor in counted:
        family = [place for place in differences if place[0] == factor]
        corrected |= zip(family, holm_of([differences[place] for place in family]), strict=True)
    for (factor, method), found in shares.items():
        interval = mean_interval([restored for restored, _ in found.values()])
        assert interval is not None
        chance, p_holm = factors[factor][0].chance, corrected[factor, method]
        yield FactorLine(
            *table,
            factor=factor,
            chance=chance,
            truth=fmean(truth for _, truth in found.values()),
            method=method,
            n=interval.n,
            agreement=interval.mean,
            low=interval.low,
            high=interval.high,
            p_holm=p_holm,
            standing=standing_of(interval, chance, differences[factor, method], p_holm),
        )
    for factor, parts in factors.items():
        if factor not in counted:
            truth = fmean(part.truth for part in parts)
            yield FactorLine(*table, factor=factor, chance=parts[0].chance, truth=truth)


def shares_of(factor: str, rows: Sequence[Row], column: str) -> Shares:
    """What a method's pictures and the truth get on each image, over seeds the mean."""
    found = grouped((row.image, part) for row in rows if (part := row.parts[column].get(factor)))
    return {
        image: (fmean(p.restored for p in parts if p.restored is not None), parts[0].truth)
        for image, parts in found.items()
        if any(part.restored is not None for part in parts)
    }


def difference_of(shares: Shares) -> PairedDifference | None:
    """How far the restored pictures lie from the true ones."""
    restored, truth = zip(*shares.values(), strict=True)
    return paired_difference(restored, truth, higher_is_better=True)


def standing_of(
    interval: Interval, chance: float, difference: PairedDifference | None, p_holm: float | None
) -> Standing | None:
    """What the images say; nothing of too few."""
    if interval.low is None or difference is None:
        return None
    is_below = is_told_apart(difference, p_holm) and difference.mean < 0
    if interval.low > chance:
        return Standing.PARTLY if is_below else Standing.KEPT
    return Standing.LOST if is_below else Standing.UNCLEAR


def in_order(lines: Sequence[FactorLine], members: Sequence[Line]) -> tuple[list[str], list[str]]:
    """The counted factors, best kept first, and the methods that have them, ordered as given."""
    with_method = [line for line in lines if line.method]
    means = grouped((line.factor, retention(line)) for line in with_method)
    factors = sorted(means, key=lambda factor: (-fmean(means[factor]), factor))
    known = {line.method for line in with_method}
    order = [member.method for member in members if member.method in known]
    return factors, [*order, *sorted(known - set(order))]


def retention(line: FactorLine) -> float:
    """How much of what can be read on the truth is there: 0 at chance, 1 at the truth's share."""
    if line.agreement is None or line.truth <= line.chance:
        return 0.0
    return min(max((line.agreement - line.chance) / (line.truth - line.chance), 0.0), 1.0)


def truth_of(lines: Sequence[FactorLine], factor: str) -> float:
    """The truth's agreement, over the method that has the most images."""
    return max((line for line in lines if line.factor == factor), key=lambda line: line.n).truth
