"""What was measured, kept so that nothing is lost and nothing is counted twice.

    OUT/store/plans/<number>-<id>.json   what each run set out to do
    OUT/store/<key>/cell.json            what was measured once for the cell
    OUT/store/<key>/rows-<number>-<id>.json  finished rows, by the hash of their picture
    OUT/store/<key>/<picture>.png        restored pictures, losslessly
    OUT/store/<key>/<picture>-<steps>.png  what a search had found after so many steps
    OUT/store/<key>/lock                 held while a run works on the cell
    OUT/store/checks/<place>.json        leakage and sanity, see `bench.results.check_records`

Files are immutable, synced and renamed into place. Of two records of the same row the later
counts, so that stores merge by copying and two runs may write into one folder. Later is what has
the higher number, each one more than all that its writer found: clocks are set right, and differ
between machines. (Earlier versions numbered by the clock; what is written now comes after.)
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench.core.errors import UNREADABLE, BenchError
from bench.core.files import disk_error, sync_all, try_lock, write_text
from bench.core.rows import Budget, Part, Row, RowState

NUMBER = re.compile(r"(?:^|-)([0-9]{20})-", re.ASCII)
REMOVE = "remove it and run the same command again, which measures anew what was in it"


@dataclass(frozen=True)
class Record:
    """A finished row with what decides whether it can be used again."""

    picture: str  # sha256 of the picture's file
    row: Row
    scored_by: Mapping[str, str]  # metric column to the digest of the metric
    timeout_s: float | None  # the limit it ran under
    finished_ns: int  # by the clock of its machine, which decides nothing
    order: int = 0  # among the records of its cell, the later the higher; 0: not stored yet


class Store:
    """The `store` folder of one results folder."""

    def __init__(self, out: Path) -> None:
        self.root = out / "store"

    def records(self, key: str) -> dict[str, Record]:
        """The latest record of each picture of a cell, by picture hash."""
        while True:
            paths = sorted((self.root / key).glob("rows-*.json"))
            try:
                records = [record for path in paths for record in read_records(path)]
            except FileNotFoundError:
                continue  # another run has just put these files into one: look again
            records.sort(key=lambda record: record.order)
            return {record.picture: record for record in records}

    def last(self, key: str) -> int:
        """The order of the latest record of a cell; 0 if it has none."""
        return last_of((self.root / key).glob("rows-*.json"))

    def add(self, key: str, records: Iterable[Record]) -> None:
        """Keep finished rows; they are on the disk when this returns."""
        number = self.last(key) + 1
        placed = (replace(record, order=record.order or number) for record in records)
        lines = [record_to_json(record) for record in placed]
        if lines:
            write_text(self.root / key / f"rows-{name_of(number)}", json.dumps(lines, indent=0))

    def sync_pictures(self, key: str, records: Iterable[Record]) -> None:
        """Return when the disk has the restored pictures of these rows, as far as they are kept.

        Raises `DiskError`.
        """
        sync_all(
            self.picture(key, record.picture, steps)
            for record in records
            for steps in (None, *(budget.steps for budget in record.row.budgets))
        )

    def compact(self, key: str) -> None:
        """Put the rows of a finished cell into one file."""
        parts = sorted((self.root / key).glob("rows-*.json"))
        if len(parts) > 1:
            self.add(key, self.records(key).values())
            for part in parts:
                part.unlink(missing_ok=True)

    def facts(self, key: str) -> dict[str, Any]:
        """What was measured once for a cell; empty if nothing was."""
        path = self.root / key / "cell.json"
        return read_object(path) if path.exists() else {}

    def keep_facts(self, key: str, facts: Mapping[str, Any]) -> None:
        """Keep what was measured once for a cell."""
        write_text(self.root / key / "cell.json", json.dumps(facts, indent=1))

    def picture(self, key: str, picture: str, steps: int | None = None) -> Path:
        """Where the restored version of a picture lies, or will; with `steps`, that which the
        search had found by then."""
        name = picture[:24] if steps is None else f"{picture[:24]}-{steps}"
        return self.root / key / f"{name}.png"

    def add_plan(self, plan: Mapping[str, Any]) -> None:
        """Keep what a run sets out to do; later plans override earlier ones."""
        folder = self.root / "plans"
        number = last_of(folder.glob("[0-9]*.json")) + 1
        write_text(folder / name_of(number), json.dumps(plan))

    def plans(self) -> list[dict[str, Any]]:
        """Every plan made for this folder, oldest first."""
        paths = sorted((self.root / "plans").glob("[0-9]*.json"))
        return [read_object(path) for path in paths]

    @contextmanager
    def claimed(self, key: str) -> Iterator[bool]:
        """Whether this run got the cell for itself; the claim dies with the process."""
        path = self.root / key / "lock"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
        except OSError as error:
            raise disk_error(path, error) from error
        try:
            yield try_lock(handle)
        finally:
            os.close(handle)


def name_of(number: int) -> str:
    """The end of a file's name, which sorts by its number and which no other process makes."""
    return f"{number:020d}-{uuid.uuid4().hex[:8]}.json"


def number_of(path: Path) -> int:
    """The number in the name of a file; 0 if it has none."""
    found = NUMBER.search(path.name)
    return int(found[1]) if found else 0


def last_of(paths: Iterable[Path]) -> int:
    """The highest number among these files; 0 of none."""
    return max(map(number_of, paths), default=0)


def record_to_json(record: Record) -> dict[str, Any]:
    """The record without what is empty."""
    row = {name: value for name, value in asdict(record.row).items() if value not in (None, {}, ())}
    return {**asdict(record), "row": row, "scored_by": dict(record.scored_by)}


def read_object(path: Path) -> dict[str, Any]:
    """A file of the store that holds one object. Raises `BenchError` if something damaged it."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, *UNREADABLE) as error:
        raise BenchError(f"{path} is damaged ({error}): {REMOVE}") from None
    if not isinstance(found, dict):
        raise BenchError(f"{path} is damaged (it holds no object): {REMOVE}")
    return found


def read_records(path: Path) -> list[Record]:
    """The records of one file of rows. Raises `BenchError` if something damaged it."""
    text = path.read_text(encoding="utf-8", errors="replace")
    before_orders = {"order": number_of(path)}
    try:
        return [record_from_json({**before_orders, **entry}) for entry in json.loads(text)]
    except (TypeError, KeyError, AttributeError, *UNREADABLE) as error:
        raise BenchError(f"{path} is damaged ({error}): {REMOVE}") from None


def record_from_json(entry: Mapping[str, Any]) -> Record:
    """The record of which `record_to_json` made the entry, or an earlier version of it."""
    row = dict(entry["row"])
    row["state"] = RowState(row["state"])
    row["budgets"] = tuple(Budget(**budget) for budget in row.get("budgets", ()))
    row["parts"] = {
        column: {name: Part(*part) for name, part in parts.items()}
        for column, parts in row.get("parts", {}).items()
    }
    return Record(**{**entry, "row": Row(**row)})
