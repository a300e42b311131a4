"""Finding the file of weights that serves a task, and making sure that it is the one it claims."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from bench.core.errors import BenchError
from bench.core.files import DiskError, write_text
from bench.core.paths import cache_dir
from bench.weights.card import Card, Serves
from bench.weights.shelves import cards, check_named_folders, places_of


@dataclass(frozen=True)
class Found:
    """A file to use. `card` is None for a file of the user's that nothing is known of."""

    path: Path
    sha256: str
    card: Card | None


@dataclass(frozen=True)
class Missing:
    """No file serves: why, and the command that helps."""

    reason: str
    command: str


def find(
    kinds: Sequence[str],
    *,
    split: str | None = None,
    scale: int | None = None,
    size: int | None = None,
    domain: str | None = None,
) -> Found | Missing:
    """The file of one of `kinds`, best first, that serves such a task.

    Raises `BenchError` if BENCH_WEIGHTS names what is no folder.
    """
    check_named_folders()
    everything = cards().values()
    known = [card for kind in kinds for card in everything if card.kind == kind]
    fitting = [card for card in known if card.fits(split, scale, size, domain)]
    refused: Missing | None = None
    for card in fitting:
        for path in places_of(card):
            found = Found(path, sha256_of(path), card)
            if found.sha256.startswith(card.sha256 or ""):
                return found
            refused = refused or Missing(
                f"{path} is not {card.name}: its sha256 is {found.sha256}, expected {card.sha256}",
                fetching(card),
            )
    if refused:
        return refused
    if fitting:
        by_program = [card for card in fitting if card.is_fetched]
        ways = dict.fromkeys(map(fetching, (fitting[0], *by_program[:1])))
        return Missing(f"{fitting[0].file} is not on this machine", " or ".join(ways))
    return Missing(*nothing_published(kinds, known, split, scale, size))


def served(kinds: Sequence[str], *, size: int, domain: str) -> list[Serves]:
    """The tasks of one size and domain that the known files of `kinds` serve."""
    known = [card for card in cards().values() if card.kind in kinds]
    return [s for card in known for s in card.serves if s.fits(None, None, size, domain)]


def identify(path: Path) -> Found:
    """A file that the user named, with its card where its hash or its name has one.

    Raises `BenchError` if it cannot be read.
    """
    try:
        sha256 = sha256_of(path)
    except OSError as error:
        raise BenchError(f"{path} cannot be read: {error.strerror}") from None
    known = cards().values()
    by_hash = (card for card in known if card.sha256 and sha256.startswith(card.sha256))
    by_place = (card for card in known if path in places_of(card))
    return Found(path, sha256, next(chain(by_hash, by_place), None))


def fetching(card: Card) -> str:
    """The command that gets the card's file, or says how a person gets it."""
    return f"`python -m bench fetch {shlex.quote(card.name)}`"


def nothing_published(
    kinds: Sequence[str],
    known: Sequence[Card],
    split: str | None,
    scale: int | None,
    size: int | None,
) -> tuple[str, str]:
    """Why no known file of these kinds serves the task, and how to make one."""
    wanted = " ".join(
        part for part in (split, f"{scale}x" if scale else "", f"{size} px" if size else "") if part
    )
    published = ", ".join(sorted({str(serves) for card in known for serves in card.serves}))
    reason = f"no {' or '.join(kinds)} weights" + (f" for {wanted}" if wanted else "")
    if published:
        reason += f" (known: {published})"
    recipe = next((TRAINABLE[kind] for kind in kinds if kind in TRAINABLE), None)
    if recipe is None:
        return reason, ""
    factor = f" --scale {scale}" if scale else ""
    name = split or "NAME"
    return reason, f"`python -m bench train {recipe}{factor} --data DIR --split {name} --out DIR`"


# Kinds of weights that `bench train` makes, and by which recipe.
TRAINABLE = {
    "stylegan2": "bank",
    "biggan-pair": "biggan",
    "glean": "glean --bank FILE",
    "glean-coarse": "glean --fusion coarse --bank FILE",
    "glean-latents": "glean --fusion latents --bank FILE",
    "glean-light": "glean-light --bank FILE",
    "glean-light-bank": "glean-light --no-decoder --bank FILE",
    "esrgan": "esrgan",
    "srgan": "srgan",
    "srntt": "srntt",
    "dfdnet": "dfdnet",
    "factor-reader": "readers",
    "rendered-identity": "identity",
}


def sha256_of(path: Path) -> str:
    """The file's hash, remembered by its place, size and time of change."""
    with suppress(OSError):
        known = memory_of(path).read_text(encoding="utf-8")
        if re.fullmatch(r"[0-9a-f]{64}", known):
            return known
    digest = computed_sha256(path)
    remember(path, digest)
    return digest


def computed_sha256(path: Path) -> str:
    """The file's hash, computed."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remember(path: Path, digest: str) -> None:
    """Spare the next `sha256_of` the work, as long as the file stays as it is."""
    with suppress(DiskError):  # a cache that cannot be written costs time, nothing else
        write_text(memory_of(path), digest)


def memory_of(path: Path) -> Path:
    """Where the file's hash is remembered.

    Tools that copy set the time of the content to that of their source: it says little by itself.
    """
    s = path.stat()
    mark = [str(path.resolve()), s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino, s.st_dev]
    return cache_dir() / "hashes" / f"{hashlib.sha256(json.dumps(mark).encode()).hexdigest()}.txt"


def advice(missing: Missing) -> str:
    """The reason, and the command that helps."""
    return f"{missing.reason}; {missing.command}" if missing.command else missing.reason
