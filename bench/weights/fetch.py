"""A published file put where `run` finds it: downloaded, or checked when a person brings it."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from bench.core.files import write_atomically
from bench.core.paths import cache_dir
from bench.weights.card import Card
from bench.weights.download import Listener, Patience, Wanted, download
from bench.weights.part import locked_part
from bench.weights.search import digest_of, fetching, remember, sha256_of
from bench.weights.shelves import places_of, search_path
from bench.weights.web import FetchError
from methods.checkpoints.file_kinds import LOOK, FileKind, kind_of

TORCH = {FileKind.TORCH, FileKind.LEGACY, FileKind.SAFETENSORS}
# What a file may hold, by the end of its name; no other is written by `fetch`.
KINDS = {
    ".pth": TORCH,
    ".pt": TORCH,
    ".ckpt": TORCH,
    ".safetensors": {FileKind.SAFETENSORS},
    ".onnx": {FileKind.ONNX},
    ".pkl": {FileKind.PICKLE},
}


@dataclass(frozen=True)
class Placed:
    """A file that is in its place and is the one it should be."""

    path: Path
    sha256: str
    was_there: bool


def fetch(card: Card, out: Path | None, patience: Patience, listener: Listener) -> Placed:
    """The card's file, from the search path or else from its `url`.

    out: a folder of the user's choice; without one the cache's, and any of the search path will do.
    Raises `FetchError` and `DiskError`.
    """
    if there := in_place(card, out):
        return there
    if card.url is None:
        raise FetchError(by_hand(card, out))
    kinds_allowed(card)
    target, url = (out or default_folder()) / card.file, card.url
    wanted = Wanted(url, card.bytes, lambda start: check_kind(start, card, url))
    with locked_part(
        target, lambda: listener.say(f"another process is fetching {card.file}: waiting for it")
    ) as part:
        if there := in_place(card, out):
            part.remove()
            return there
        for last_try in (False, True):
            in_one_piece = download(wanted, part, patience, listener)
            try:
                digest = check(part.path, card, url)
                break
            except FetchError:
                part.clear()
                if in_one_piece or last_try:
                    raise
            # The pieces may have been of two versions: once more, from the start.
            listener.say("the pieces do not fit together: beginning anew")
        part.finish()
    remember(target, digest)
    return Placed(target, digest, was_there=False)


def place(card: Card, file: Path, out: Path | None) -> Placed:
    """Put a file that a person downloaded into its place. Raises `FetchError` if it is not it."""
    target = (out or default_folder()) / card.file
    try:
        file.open("rb").close()
    except OSError as error:
        raise FetchError(f"--from {file} cannot be read: {error.strerror}") from None
    if target.exists() and target.samefile(file):
        return Placed(target, check(target, card, str(file)), was_there=True)
    digest = ""

    def copy(temporary: Path) -> None:
        nonlocal digest
        shutil.copyfile(file, temporary)
        # The copy is checked, not the file, which may change meanwhile.
        digest = check(temporary, card, str(file))

    write_atomically(target, copy)
    remember(target, digest)
    return Placed(target, digest, was_there=False)


def in_place(card: Card, out: Path | None) -> Placed | None:
    """The card's file where it is here already, in `out` or else anywhere on the search path."""
    places = [out / card.file] if out else places_of(card)
    for path in places:
        if not path.is_file() or (card.bytes is not None and path.stat().st_size != card.bytes):
            continue
        digest = sha256_of(path)
        if digest.startswith(card.sha256 or ""):
            return Placed(path, digest, was_there=True)
    return None


def check(path: Path, card: Card, origin: str) -> str:
    """The sha256 of the file at `path`. Raises `FetchError` if it is not the card's."""
    with path.open("rb") as file:
        check_kind(file.read(LOOK), card, origin)
    size = path.stat().st_size
    if card.bytes is not None and size != card.bytes:
        raise FetchError(f"{origin} has {size} bytes, but {card.name} has {card.bytes}")
    digest = digest_of(path)
    if not digest.startswith(card.sha256 or ""):
        raise FetchError(
            f"{origin} is not {card.name}: its sha256 is {digest}, expected {card.sha256}; "
            f"it was damaged on its way, or has been replaced"
        )
    return digest


def check_kind(start: bytes, card: Card, origin: str) -> None:
    """Raise `FetchError` if a file that begins so cannot be the card's."""
    kind, allowed = kind_of(start), kinds_allowed(card)
    if kind in allowed:
        return
    reason = ": a login, a quota or a moved file is in the way" if kind is FileKind.WEB_PAGE else ""
    expected = " or ".join(sorted(allowed))
    raise FetchError(f"{origin} is {kind}, not {card.name}{reason}; expected {expected}")


def kinds_allowed(card: Card) -> set[FileKind]:
    """What the card's file may hold. Raises `FetchError` for a name that is none of weights."""
    suffix = Path(card.file).suffix
    if suffix not in KINDS:
        raise FetchError(
            f"{card.name}: a file called {card.file} is not fetched; "
            f"weights end in {', '.join(KINDS)}"
        )
    return KINDS[suffix]


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
