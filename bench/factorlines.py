"""How often each known factor can be read back from what a method restored: lines of a table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
