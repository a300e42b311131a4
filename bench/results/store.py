"""What was measured, kept so that nothing is lost and nothing is counted twice.

    OUT/store/plans/<time>-<id>.json     what each run set out to do
    OUT/store/<key>/cell.json            what was measured once for the cell
    OUT/store/<key>/rows-<time>-<id>.json  finished rows, by the hash of their picture
    OUT/store/<key>/<picture>.png        restored pictures, losslessly
    OUT/store/<key>/<picture>-<steps>.png  what a search had found after so many steps
    OUT/store/<key>/lock                 held while a run works on the cell
    OUT/store/checks/<place>.json        leakage and sanity, see `bench.results.check_records`

Files are immutable, synced and renamed into place. Of two records of the same row the later
counts, so that stores merge by copying and two runs may write into one folder.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.core.errors import BenchError
from bench.core.files import disk_error, write_text
from bench.core.rows import Budget, Part, Row, RowState


@dataclass(frozen=True)
class Record:
    """A finished row with what decides whether it can be used again."""

    picture: str  # sha256 of the picture's file
    row: Row
    scored_by: Mapping[str, str]  # metric column to the digest of the metric
    timeout_s: float | None  # the limit it ran under
    finished_ns: int


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
            records.sort(key=lambda record: record.finished_ns)
            return {record.picture: record for record in records}

    def add(self, key: str, records: Iterable[Record]) -> None:
        """Keep finished rows; they are on the disk when this returns."""
        lines = [record_to_json(record) for record in records]
        if lines:
            write_text(self.root / key / f"rows-{stamp()}.json", json.dumps(lines, indent=0))

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
        return dict(json.loads(path.read_text())) if path.exists() else {}

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
        write_text(self.root / "plans" / f"{stamp()}.json", json.dumps(plan))

    def plans(self) -> list[dict[str, Any]]:
        """Every plan made for this folder, oldest first."""
        paths = sorted((self.root / "plans").glob("[0-9]*.json"))
        return [json.loads(path.read_text()) for path in paths]

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


def try_lock(handle: int) -> bool:
    """Take the file's lock if nobody has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A file system without locks: two runs may then measure a cell twice, and one counts.
        return True
    return True


def stamp() -> str:
    """A file name part that sorts by time and that no other process makes."""
    return f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"


def record_to_json(record: Record) -> dict[str, Any]:
    """The record without what is empty."""
    row = {name: value for name, value in asdict(record.row).items() if value not in (None, {}, ())}
    return {**asdict(record), "row": row, "scored_by": dict(record.scored_by)}


def read_records(path: Path) -> list[Record]:
    """The records of one file of rows. Raises `BenchError` if something damaged it."""
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        return [record_from_json(entry) for entry in json.loads(text)]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BenchError(
            f"{path} is damaged ({error}): remove it and run the same command again, which "
            f"measures anew the rows that were in it"
        ) from None


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
