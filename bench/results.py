"""What a run leaves behind, as the tables, plots and the page receive it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.core.rows import Row
from bench.metrics.facts import MetricFacts
from bench.results.cautions import Caution
from bench.results.results import FactorLine


@dataclass(frozen=True)
class CellFacts:
    """What was measured once for a whole cell. None where nothing was."""

    key: str
    method: str
    split: str
    scale: int
    operator: str
    seed: int
    parameters: int | None = None
    macs: int | None = None  # of one image, whole optimisation loops included
    load_s: float | None = None
    warm_up_s: float | None = None
    machine: str = ""  # digest of the machine it was timed on; empty if not on record
    timed_under: str = ""  # device, precision and threads
    calibration_s: float | None = None  # latency of the calibration kernel beside it
    calibration_cpu_s: float | None = None  # and its CPU time
    # Which part of each file of weights was read, and what was left out, by role.
    weights_read: Mapping[str, Mapping[str, object]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Results:
    """All rows and cells of a results folder, with the facts that readers need beside them."""

    rows: tuple[Row, ...]
    cells: tuple[CellFacts, ...]
    metrics: tuple[MetricFacts, ...]  # in the order of the columns
    missing_metrics: Mapping[str, str]  # column to the reason and command, for those not scored
    titles: Mapping[str, str]  # method to its title
    run: Mapping[str, object]  # run.json: arguments, versions, hardware, every hash
    pictures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # split, image, sha256
    cautions: tuple[Caution, ...] = ()
    factors: tuple[FactorLine, ...] = ()  # what the rows' parts come to
