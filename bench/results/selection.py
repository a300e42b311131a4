"""What of a store stands in the tables: decided here, and nowhere else.

A table (one split at one scale through one operator) is of the latest command that asked for it:
its methods, on its pictures, each under one key, which is the hash of settings, weights, code,
precision and device. Methods that only earlier commands asked for stand beside them on the same
pictures, each as the last of those commands wanted it. Pictures are told by their content, and
bear the names that the latest command knows them by; within a split no name means two of them.
Tables that only earlier commands asked for stand apart. The rest stays in the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.core.rows import CellKey, TableKey

Plan = Mapping[str, Any]
Entry = Mapping[str, Any]  # of a planned cell


@dataclass(frozen=True)
class Wanted:
    """A picture as a table shows it; the state is that of a row which nothing can fill."""

    name: str
    sha256: str
    state: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Chosen:
    """A cell that stands in a table, with the pictures to show of it."""

    key: str
    cell: CellKey
    identity: Mapping[str, Any]  # what the key is the hash of; empty if not on record
    pictures: tuple[Wanted, ...]
    measured: object  # with which files and settings; None if that is not on record
    plan: int  # the place of the plan that it is chosen from
    is_own: bool  # the table's latest command asked for it, and for exactly these pictures

    @property
    def title(self) -> str:
        """Such as `pulse on cat at 16x, seed 1`, as that of a planned cell."""
        cell = self.cell
        seed = f", seed {cell.seed}" if cell.seed else ""
        return f"{cell.method} on {cell.split} at {cell.scale}x{seed}"


def select(plans: Sequence[Plan]) -> list[Chosen]:
    """The cells of every table, in the order of the plans that they are chosen from."""
    table_plans: dict[TableKey, int] = {}
    method_plans: dict[tuple[TableKey, str], int] = {}
    for number, plan in enumerate(plans):
        for entry in plan["cells"]:
            cell = cell_of(entry)
            table_plans[cell.table] = number
            method_plans[cell.table, cell.method] = number
    pictures = pictures_of_tables(plans, table_plans)
    chosen = {}
    for number, plan in enumerate(plans):
        for entry in plan["cells"]:
            cell = cell_of(entry)
            if method_plans[cell.table, cell.method] != number:
                continue
            is_own, shown = table_plans[cell.table] == number, pictures[cell.table]
            wanted = own_pictures(entry, shown) if is_own else lent_pictures(entry, shown)
            identity = entry.get("identity", {})
            measured = entry.get("measured")
            chosen[cell] = Chosen(
                entry["key"], cell, identity, tuple(wanted), measured, number, is_own
            )
    return list(chosen.values())


def pictures_of_tables(
    plans: Sequence[Plan], table_plans: Mapping[TableKey, int]
) -> dict[TableKey, dict[str, str]]:
    """Name to content of the pictures of each table, without those whose name a later command
    gave to another picture of the split."""
    found: dict[TableKey, dict[str, str]] = {}
    named: dict[tuple[str, str], str] = {}
    for table in sorted(table_plans, key=lambda table: -table_plans[table]):
        entries = (e for e in plans[table_plans[table]]["cells"] if cell_of(e).table == table)
        of_table = {p["name"]: p["sha256"] for entry in entries for p in entry["pictures"]}
        found[table] = {
            name: sha256
            for name, sha256 in of_table.items()
            if named.setdefault((table.split, name), sha256) == sha256
        }
    return found


def own_pictures(entry: Entry, shown: Mapping[str, str]) -> Iterator[Wanted]:
    """The pictures that the command asked for, each as it found it."""
    for picture in entry["pictures"]:
        if shown.get(picture["name"]) == picture["sha256"]:
            yield Wanted(**picture)


def lent_pictures(entry: Entry, shown: Mapping[str, str]) -> Iterator[Wanted]:
    """The pictures of a later command that an earlier one may have measured. What could not be
    measured then says so, of the pictures that were meant."""
    planned = {picture["sha256"]: picture for picture in entry["pictures"]}
    for name, sha256 in shown.items():
        then = planned.get(sha256, {})
        if sha256:
            yield Wanted(name, sha256, then.get("state"), then.get("reason", ""))


def cell_of(entry: Entry) -> CellKey:
    """The coordinate of a planned cell."""
    return CellKey(*(entry[name] for name in CellKey._fields))


def left_out(
    plans: Iterable[Plan], chosen: Iterable[Chosen], stored: Mapping[str, set[str]]
) -> Iterator[tuple[TableKey, str]]:
    """What is measured and stands in no table, in a sentence a method and cause.

    stored: the contents that have a row, by the key of their cell.
    """
    cells = {found.cell: found for found in chosen}
    labels = {(found.cell.table, found.cell.method): found for found in cells.values()}
    shown: dict[str, set[str]] = {}
    for found in cells.values():
        shown.setdefault(found.key, set()).update(picture.sha256 for picture in found.pictures)
    causes: dict[tuple[TableKey, str, str], int] = {}
    entries = {entry["key"]: entry for plan in plans for entry in plan["cells"]}
    for key, entry in entries.items():
        rows = len(stored.get(key, set()) - shown.get(key, set()))
        if rows:
            cell = cell_of(entry)
            here = cells.get(cell) or labels[cell.table, cell.method]
            cause = cause_of(entry, key, cell, here)
            place = (cell.table, cell.method, cause)
            causes[place] = causes.get(place, 0) + rows
    for (table, method, cause), rows in causes.items():
        counted = f"{rows} row{'s' * (rows > 1)}"
        yield (
            table,
            (
                f"{method} on {table.split} at {table.scale}x: {counted} of earlier commands, "
                f"{cause}, stay in the store and are not shown"
            ),
        )


def cause_of(entry: Entry, key: str, cell: CellKey, here: Chosen) -> str:
    """Why rows of that cell do not stand with those that are shown under its label."""
    if key == here.key:
        return "on other pictures"
    identity = entry.get("identity", {})
    if cell.seed != here.cell.seed and without_seed(identity) == without_seed(here.identity):
        return f"of seed {cell.seed}"
    if not (identity and here.identity):
        return "measured under another key"
    return f"with other {', '.join(differences(identity, here.identity))}"


def without_seed(identity: Mapping[str, Any]) -> dict[str, Any]:
    """All but the seed that decides a result."""
    return {name: value for name, value in identity.items() if name != "seed"}


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What differs between what two keys are made of; of settings and words, how."""
    for name in dict.fromkeys((*then, *now)):
        before, after = then.get(name), now.get(name)
        if before == after or name == "seed":
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping) and name == "settings":
            changed = [n for n in dict.fromkeys((*before, *after)) if before.get(n) != after.get(n)]
            told = (f"{n} {before.get(n)}, not {after.get(n)}" for n in changed)
            yield f"settings ({'; '.join(told)})"
        elif name in ("precision", "device", "torch", "threads"):
            yield f"{name} ({before}, not {after})"
        else:
            yield name.replace("_", " ")
