"""What lies in a folder of pictures: each picture under a name of its own, and what is none."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bench.core.errors import BenchError, printable, some
from bench.datasets.manifest import names_in_manifest
from bench.pictures.kinds import is_picture

# A file and folders with a meaning of theirs.
MARK, PARTS = "render.json", ("train", "val", "test", "views")
LONGEST = 200  # bytes of a name, so that folders and files can bear it


@dataclass(frozen=True)
class FolderContents:
    """pictures: files with a picture's ending, whatever they are, by name, in order.

    aside: what else lies there, in words, with why it is not read.
    """

    pictures: Mapping[str, Path]
    aside: tuple[str, ...]


def look_into(folder: Path) -> FolderContents:
    """The contents of a folder, sub-folders unread. Raises `BenchError` if it cannot be listed."""
    entries = in_order(folder)
    pictures = [path for path in entries if is_picture(path)]
    imported, problem = names_in_manifest(folder)
    named = names_of(pictures, imported)
    aside = [*what_is_aside(entries), *([problem] if problem else [])]
    return FolderContents(named, tuple(aside))


def in_order(folder: Path) -> list[Path]:
    """All that a folder holds, 9 before 10. Raises `BenchError`."""
    try:
        return sorted(folder.iterdir(), key=natural)
    except OSError as error:
        raise BenchError(f"{printable(folder)} cannot be listed: {error.strerror}") from None


def natural(path: Path) -> tuple[list[tuple[int, str]], str]:
    """Sort key that puts 9 before 10, and img1, img01 and img001 in one order everywhere."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in parts], path.name


def names_of(paths: Sequence[Path], imported: Mapping[str, str] | None = None) -> dict[str, Path]:
    """Each picture under the shortest of its names that is no other's, in the order given.

    Its file's stem, its whole name, or, of imported ones, which keep the names of their sources,
    the path within the folder imported from; a number tells apart what is left. imported: source
    by file name.
    """
    candidates = [names_for((imported or {}).get(path.name, path.name)) for path in paths]
    owners = Counter(name for names in candidates for name in set(map(folded, names)))
    found: dict[str, Path] = {}
    used: Counter[str] = Counter()
    for path, names in zip(paths, candidates, strict=True):
        name = next((name for name in names if owners[folded(name)] == 1), names[-1])
        chosen = name
        while used[folded(chosen)] or (chosen != name and owners[folded(chosen)]):
            used[folded(name)] += 1
            chosen = f"{name}~{used[folded(name)]}"
        used[folded(chosen)] += 1
        found[chosen] = path
    return found


def names_for(source: str) -> list[str]:
    """What a picture may be called, the shortest first."""
    path = PurePosixPath(source)
    return [tidy(name) for name in (path.stem, path.name, "_".join(path.parts))]


def folded(name: str) -> str:
    """Names alike are one file on some systems."""
    return unicodedata.normalize("NFC", name).casefold()


def tidy(name: str) -> str:
    """The name as one that a folder of any system, a table and a terminal take."""
    if name in ("", ".", ".."):
        return name.replace(".", "%2E") or "%"
    plain = "".join(escaped(c) if c in "/\\" or printable(c) != c else c for c in name)
    data = plain.encode()
    if len(data) > LONGEST:
        mark = hashlib.sha256(data).hexdigest()[:8]
        plain = f"{data[: LONGEST - 9].decode(errors='ignore')}~{mark}"
    return plain


def check_folder_name(flag: str, name: str) -> None:
    """Raise `BenchError` unless the name is one of a folder, which leads nowhere else."""
    if tidy(name) != name:
        raise BenchError(
            f"{flag} {printable(name)!r}: the name of a folder is wanted, such as face, no path"
        )


def escaped(character: str) -> str:
    """Such as `%E9` of a byte that is no UTF-8."""
    return "".join(f"%{b:02X}" for b in character.encode(errors="surrogateescape"))


def what_is_aside(entries: Sequence[Path]) -> Iterator[str]:
    """In words, by reason, what in a folder is not read; nothing of what has a meaning of its own:
    factors beside their picture, the folders of the parts, lists that import wrote."""
    stems = {path.stem for path in entries if is_picture(path)}
    hidden = [path for path in entries if path.name.startswith(".")]
    if hidden:
        yield f"{counted(len(hidden), 'hidden file')} ({some_files(hidden)})"
    others = [path for path in entries if not is_picture(path) and path not in set(hidden)]
    folders = [path for path in others if path.is_dir() and path.name not in PARTS]
    if folders:
        yield f"{counted(len(folders), 'folder')}, not searched ({some_files(folders)})"
    files = [
        path
        for path in others
        if not path.is_dir()
        and path.name != MARK
        and not (path.suffix == ".json" and path.stem in stems)
        and not path.name.endswith("-manifest.csv")
    ]
    if files:
        yield f"{counted(len(files), 'file')}, by name no picture ({some_files(files)})"


def counted(count: int, what: str) -> str:
    """Such as `3 files`."""
    return f"{count} {what}{'s' * (count > 1)}"


def some_files(paths: Sequence[Path]) -> str:
    """The first few names."""
    return some([printable(path.name) for path in paths])
