"""What a run leaves behind, as the tables, plots and the page receive it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bench.core.rows import CellKey, Row, TableKey
from bench.metrics.facts import MetricFacts
from bench.results.cautions import Caution
from bench.results.measured import Measured


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
    compile_s: float | None = None  # of networks that were compiled
    machine: str = ""  # digest of the machine it was timed on; empty if not on record
    timed_under: str = ""  # device, precision, whether compiled, and threads
    threads: int | None = None  # that the cell had
    threads_alone: int | None = None  # of these, those that one picture was restored with
    calibration_s: float | None = None  # latency of the calibration kernel beside it
    calibration_cpu_s: float | None = None  # and its CPU time
    # Which part of each file of weights was read, and what was left out, by role.
    weights_read: Mapping[str, Mapping[str, object]] = field(default_factory=dict, hash=False)

    @property
    def coordinate(self) -> CellKey:
        """The cell that the facts are of."""
        return CellKey(self.method, self.split, self.scale, self.operator, self.seed)


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
    measured: tuple[Measured, ...] = ()  # with which files and settings; as far as on record


class Standing(StrEnum):
    """What the images say of a factor in a method's pictures."""

    KEPT = "kept"  # above chance, and not told below the truth
    PARTLY = "partly"  # above chance, and told below the truth
    LOST = "lost"  # not above chance, and told below the truth
    UNCLEAR = "unclear"  # neither: too few images, or a factor that is hard on the truth too


@dataclass(frozen=True)
class FactorLine:
    """One factor in the pictures of one method; no method where it is not counted.

    A factor that its reader cannot read on held-out truths is not counted: nothing is said of it
    but how it fares on the truth.
    """

    split: str
    scale: int
    operator: str
    factor: str
    chance: float  # agreement of a blind guess
    truth: float  # agreement on the true pictures, of the images restored
    method: str = ""
    n: int = 0  # images
    agreement: float | None = None  # share of the images, over seeds the mean
    low: float | None = None  # 95% interval; None of too few images
    high: float | None = None
    p_holm: float | None = None  # of the paired difference from the truth
    standing: Standing | None = None  # None of too few images

    @property
    def table(self) -> TableKey:
        """The table whose pictures it is about."""
        return TableKey(self.split, self.scale, self.operator)
