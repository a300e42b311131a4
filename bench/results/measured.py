"""What was measured: a method's files of weights, and its settings that are not the paper's.

It is put on record when a run is planned, in the store and in `run.json`, so that a report needs
neither the method nor its files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bench.core.rows import CellKey, Subject


@dataclass(frozen=True)
class UsedFile:
    """A file of weights; empty text where nothing is known."""

    role: str  # what the method takes it for
    file: str  # its name, without folders
    sha256: str
    card: str = ""  # by which it is known here
    licence: str = ""
    trained_on: str = ""


@dataclass(frozen=True)
class Measured:
    """A method on one split at one scale."""

    method: str  # as rows call it
    split: str
    scale: int
    files: tuple[UsedFile, ...] = ()
    settings: tuple[str, ...] = ()  # such as `steps 150 (paper 100)`
    paper: str = ""  # the method's; empty where none is known

    @property
    def subject(self) -> Subject:
        """The method, split and scale."""
        return Subject(self.method, self.split, self.scale)

    @property
    def entry(self) -> dict[str, Any]:
        """As data."""
        return asdict(self)


def measured_of(cell: CellKey, entry: object) -> Iterator[Measured]:
    """What a plan has on record of the cell; nothing of one that earlier versions made."""
    if isinstance(entry, Mapping):
        place = {"method": cell.method, "split": cell.split, "scale": cell.scale}
        yield from restored([{**entry, **place}])


def restored(entries: object) -> Iterator[Measured]:
    """What `Measured.entry` made the data of; what is none is passed over."""
    for entry in entries if isinstance(entries, list) else ():
        try:
            yield Measured(
                method=str(entry["method"]),
                split=str(entry["split"]),
                scale=int(entry["scale"]),
                files=tuple(UsedFile(**texts(file)) for file in entry["files"]),
                settings=tuple(map(str, entry["settings"])),
                paper=str(entry["paper"]),
            )
        except (TypeError, KeyError, ValueError, AttributeError):
            continue


def texts(entry: Mapping[str, Any]) -> dict[str, str]:
    """The facts of a file, each as text."""
    return {str(name): str(value) for name, value in entry.items()}
