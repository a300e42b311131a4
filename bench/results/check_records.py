"""What the checks of a run found, kept in its store and read again with its rows.

    OUT/store/checks/<kind>-<place>.json

A place is a table and, for leakage, a method in it. The latest finding of a place counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from bench.core.files import write_text
from bench.core.rows import TableKey
from bench.results.cautions import Caution, CautionKind
from bench.results.store import Store, read_object


class Checked(NamedTuple):
    """Where something was checked."""

    table: TableKey
    method: str = ""  # empty: the whole table

    @property
    def entry(self) -> dict[str, Any]:
        """As data."""
        return {**self.table._asdict(), "method": self.method}

    @property
    def name(self) -> str:
        """For a file."""
        return hashlib.sha256(json.dumps(self.entry).encode()).hexdigest()[:16]


def restored(entry: Mapping[str, Any]) -> Checked:
    """The place of which `Checked.entry` made the data."""
    return Checked(TableKey(entry["split"], entry["scale"], entry["operator"]), entry["method"])


class Remark(NamedTuple):
    """One warning of a check, and the column of the metric that it is about, if it is of one."""

    text: str
    metric: str = ""


@dataclass(frozen=True)
class CheckRecord:
    """What was found there. conditions: digest of all that the finding depends on."""

    kind: CautionKind
    place: Checked
    conditions: str
    cautions: tuple[Remark, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)  # the numbers behind it


def keep(store: Store, check: CheckRecord) -> None:
    """Keep a finding. Raises `DiskError`."""
    path = store.root / "checks" / f"{check.kind}-{check.place.name}.json"
    cautions = [remark._asdict() for remark in check.cautions]
    entry = {**asdict(check), "place": check.place.entry, "cautions": cautions}
    write_text(path, json.dumps(entry, indent=1) + "\n")


def read(store: Store) -> list[CheckRecord]:
    """Every finding, in the order of the file names."""
    return [
        CheckRecord(
            **{
                **entry,
                "kind": CautionKind(entry["kind"]),
                "place": restored(entry["place"]),
                "cautions": tuple(map(remark_of, entry["cautions"])),
            }
        )
        for path in sorted((store.root / "checks").glob("*.json"))
        for entry in [read_object(path)]
    ]


def remark_of(entry: str | Mapping[str, str]) -> Remark:
    """The remark in a record; earlier versions kept its text alone."""
    return Remark(entry) if isinstance(entry, str) else Remark(**entry)


def is_known(store: Store, kind: CautionKind, place: Checked, conditions: str) -> bool:
    """Whether the place was checked under these very conditions."""
    return any(
        (check.kind, check.place, check.conditions) == (kind, place, conditions)
        for check in read(store)
    )


def cautions(store: Store, places: Iterable[Checked]) -> tuple[Caution, ...]:
    """The warnings that concern these places, in their order, leakage before sanity."""
    found = {(check.kind, check.place): check for check in read(store)}
    wanted = list(dict.fromkeys(places))
    tables = list(dict.fromkeys(Checked(place.table) for place in wanted))
    order = [(CautionKind.LEAKAGE, place) for place in wanted]
    order += [(CautionKind.SANITY, place) for place in tables]
    return tuple(
        Caution(kind, remark.text, place.table, remark.metric)
        for kind, place in order
        if (kind, place) in found
        for remark in found[kind, place].cautions
    )


def digest(parts: Iterable[str]) -> str:
    """Hash of conditions, 16 hexadecimal digits."""
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()[:16]
