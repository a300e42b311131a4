"""What a reader must be warned of before trusting the numbers of a run, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CautionKind(StrEnum):
    """What gives rise to it."""

    LEAKAGE = "leakage"  # pictures of the test were trained on
    SANITY = "sanity"  # stand-ins do not score in the order that theory demands


@dataclass(frozen=True)
class Caution:
    """One warning: a whole sentence that names method, split and scale."""

    kind: CautionKind
    text: str
