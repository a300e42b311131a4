"""What a reader must know of the times in a table: under what conditions they were taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bench.core.rows import Timed
from bench.report.formats import significant

if TYPE_CHECKING:
    from bench.analysis.summary import Line

BESIDE = "§"
WORD = "beside"  # in the conditions of whatever ran beside other work
DIFFERENT = "Times of different conditions do not compare"


def is_beside_others(condition: Timed) -> bool:
    """Whether other cells or runs were at work when the times were taken."""
    return WORD in condition.under


class TimedLine(NamedTuple):
    """A method whose times are in a table."""

    name: str
    timed: Timed
    rows: int  # that its medians are over
    otherwise: int  # rows timed under other conditions
    throughput: str = ""  # in batches, such as `0.69 (16 at once)`


def timed_lines(lines: Iterable[Line], names: Mapping[str, str]) -> list[TimedLine]:
    """Those of the lines that have a latency, or a throughput."""
    return [
        TimedLine(
            names[line.method],
            costs.timed,
            costs.timed_rows,
            costs.timed_otherwise,
            throughput(costs.images_per_s, costs.batch),
        )
        for line in lines
        if (costs := line.costs).latency_s is not None or costs.images_per_s
    ]


def throughput(images_per_s: float | None, batch: int | None) -> str:
    """Such as `0.69 (16 at once)`; empty where nothing was restored in batches."""
    return f"{significant(images_per_s)} ({batch} at once)" if images_per_s else ""


def timing_notes(lines: Sequence[TimedLine]) -> Iterator[str]:
    """In sentences; of one condition that is on record no more than that."""
    found: dict[Timed, list[TimedLine]] = {}
    for line in lines:
        found.setdefault(line.timed, []).append(line)
    machines = {condition.machine for condition in found}
    if len(found) > 1:
        told = (
            f"{', '.join(line.name for line in members)} ({words(condition, machines)})"
            for condition, members in found.items()
        )
        yield f"{DIFFERENT}: {'; '.join(told)}."
    elif found and (condition := next(iter(found))).under:
        yield f"Times are of {condition.under}."
    if any(map(is_beside_others, found)):
        yield f"{BESIDE} timed beside other work, which makes times longer."
    if together := [f"{line.name} {line.throughput}" for line in lines if line.throughput]:
        yield f"Latencies are of single images; images a second in batches: {', '.join(together)}."
    for line in lines:
        if line.otherwise:
            yield (
                f"Times of {line.name} are of the {line.rows} of {line.rows + line.otherwise} rows "
                f"timed under {line.timed.under}; rows.csv has the others with their conditions."
            )


def words(condition: Timed, machines: set[str]) -> str:
    """The condition; the machine too, where there are several."""
    under = condition.under or "conditions not on record"
    return f"{under}, on machine {condition.machine}" if len(machines) > 1 else under
