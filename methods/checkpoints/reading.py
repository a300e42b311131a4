"""What came of a look into a file of weights: which of its sets of tensors is the network."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

TOLD = 8  # sets left out that are named in a sentence


@dataclass(frozen=True)
class Reading:
    """What was read of a file, and what was not. A set goes by its path: the names of mappings and
    the leading parts of keys, joined by dots."""

    part: str = ""  # the set that was read; empty: it stands at the file's top
    left_out: tuple[str, ...] = ()  # what other tensors there are
    adapted: str = ""  # how pictures are fitted to the network, where they must be

    @property
    def facts(self) -> dict[str, Any]:
        """As data, without what is empty but for the set that was read."""
        return {"part": self.part} | {name: value for name, value in asdict(self).items() if value}

    @property
    def note(self) -> str:
        """What a user would want to know; empty if all of the file was read as it stands."""
        more = len(self.left_out) - TOLD
        names = ", ".join(self.left_out[:TOLD]) + (f" and {more} more" if more > 0 else "")
        rest = f"read {self.part or 'what is at its top'}, left out {names}" if names else ""
        return "; ".join(part for part in (rest, self.adapted) if part)
