"""What a method takes: medians over rows that were timed under the same conditions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from bench.core.rows import Row, RowState, Timed
from bench.results.results import CellFacts


@dataclass(frozen=True)
class Costs:
    """What a method takes. None where nothing was measured.

    Latency, CPU time, memory and scoring are medians over the rows of one condition, the one that
    most rows were timed under: no median is over two. They are of pictures restored one by one;
    throughput is of those restored in batches, under the same condition.
    """

    latency_s: float | None
    latency_quartiles_s: tuple[float, float] | None
    cpu_s: float | None
    peak_mem_bytes: int | None
    metric_s: float | None  # scoring, apart from latency as loading and warming up are
    images_per_s: float | None  # pictures over the seconds that their batches took
    batch: int | None  # pictures in the largest of these batches
    load_s: float | None  # median over cells
    warm_up_s: float | None
    compile_s: float | None
    parameters: int | None
    macs: int | None
    timed: Timed  # the condition
    timed_rows: int  # of that condition
    timed_otherwise: int  # rows of any other


def costs_of(rows: Sequence[Row], measured: Iterable[CellFacts]) -> Costs:
    """What the method of these rows takes, with what was measured once for each of its cells."""
    ok = [row for row in rows if row.state is RowState.OK]
    timed = [row for row in ok if row.latency_s is not None]
    batched = [row for row in ok if row.images_per_s]
    condition = usual(timed or batched)
    alike = [row for row in timed if row.timed == condition] or ok
    table, method = rows[0].table, rows[0].method
    cells = [c for c in measured if c.method == method and c.coordinate.table == table]
    loaded = [cell for cell in cells if is_under(cell, condition)]
    latencies = [row.latency_s for row in alike if row.latency_s is not None]
    together = [row for row in batched if row.timed == condition]
    memory = middle(row.peak_mem_bytes for row in alike)
    return Costs(
        latency_s=middle(latencies),
        latency_quartiles_s=quartiles(latencies),
        cpu_s=middle(row.cpu_s for row in alike),
        peak_mem_bytes=None if memory is None else int(memory),
        metric_s=middle(row.metric_s for row in alike),
        images_per_s=throughput(together),
        batch=max((row.batch for row in together if row.batch), default=None),
        load_s=middle(cell.load_s for cell in loaded),
        warm_up_s=middle(cell.warm_up_s for cell in loaded),
        compile_s=middle(cell.compile_s for cell in loaded),
        parameters=next((c.parameters for c in cells if c.parameters is not None), None),
        macs=next((c.macs for c in cells if c.macs is not None), None),
        timed=condition,
        timed_rows=len(latencies),
        timed_otherwise=len(timed) - len(latencies),
    )


def throughput(rows: Sequence[Row]) -> float | None:
    """Pictures a second: each took its share of the seconds of its batch."""
    shares = [1 / row.images_per_s for row in rows if row.images_per_s]
    return len(shares) / sum(shares) if shares else None


def usual(rows: Iterable[Row]) -> Timed:
    """The condition of most of the rows; of as many, the one that came first."""
    found = Counter(row.timed for row in rows).most_common(1)
    return found[0][0] if found else Timed()


def is_under(cell: CellFacts, condition: Timed) -> bool:
    """Whether what was measured once for a cell was measured so, as far as it is on record."""
    if not (cell.timed_under and condition.under):
        return True
    return cell.machine == condition.machine and condition.under.startswith(cell.timed_under)


def quartiles(values: Sequence[float]) -> tuple[float, float] | None:
    """The first and the third."""
    if not values:
        return None
    first, third = np.percentile(values, [25, 75])
    return float(first), float(third)


def middle(values: Iterable[float | None]) -> float | None:
    """The median of those that are known."""
    known = [value for value in values if value is not None]
    return median(known) if known else None
