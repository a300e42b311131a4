"""`<part>-manifest.csv` beside a folder of imported pictures: what became of each source file.

`bench import` writes it, and `bench run` takes from it what the pictures were called.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from bench.core.csv_cells import Reader, guarded
from bench.core.errors import printable
from bench.core.files import write_text

COLUMNS = (
    "source", "output", "sha256", "width", "height", "outcome", "note", "name", "fit",
)  # fmt: skip
MOST_BYTES = 2**28

Line = Mapping[str, str]


def manifest_of(folder: Path) -> Path:
    """Where the manifest of a folder lies, whether or not it is there."""
    return folder.parent / f"{folder.name}-manifest.csv"


def read_manifest(folder: Path) -> tuple[list[Line], str]:
    """The lines of a folder's manifest, and what is wrong with it; no lines where there is none.

    The file may be a stranger's.
    """
    path = manifest_of(folder)
    try:
        if not path.is_file():
            return [], ""
        if path.stat().st_size > MOST_BYTES:
            return [], f"{printable(path)} is longer than a list of imported pictures may be"
        text = path.read_text(encoding="utf-8-sig")
        lines = list(Reader(io.StringIO(text, newline=""), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        return [], f"{printable(path)} is not the list that bench import wrote: {why}"
    whole: list[Line] = [{name: line.get(name) or "" for name in COLUMNS} for line in lines]
    return whole, ""


def names_in_manifest(folder: Path) -> tuple[dict[str, str], str]:
    """What imported pictures were called, by their files' names, and what is wrong with the list.

    Of equal sources the first gave the picture its name.
    """
    lines, problem = read_manifest(folder)
    named: dict[str, str] = {}
    for line in lines:
        if line["output"] and line["name"]:
            named.setdefault(line["output"], line["name"])
    return named, problem


def write_manifest(folder: Path, lines: Iterable[Line]) -> None:
    """Write the manifest of a folder, with the lines of earlier imports of other sources before.

    Raises `DiskError`.
    """
    new = list(lines)
    sources = {line["source"] for line in new}
    earlier = [line for line in read_manifest(folder)[0] if line["source"] not in sources]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    for line in (*earlier, *new):
        writer.writerow({name: guarded(value) for name, value in line.items()})
    write_text(manifest_of(folder), text.getvalue())
