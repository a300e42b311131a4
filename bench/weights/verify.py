"""Whether a file is the one of its card: by how it begins, its size and its sha256."""

from __future__ import annotations

from pathlib import Path

from bench.weights.card import Card, Package
from bench.weights.search import computed_sha256
from bench.weights.web import FetchError
from methods.checkpoints.file_kinds import LOOK, FileKind, kind_of

TORCH = {FileKind.TORCH, FileKind.LEGACY, FileKind.SAFETENSORS}
# What a file may hold, by the end of its name; no other is written by `fetch`.
KINDS = {
    ".pth": TORCH,
    ".pt": TORCH,
    ".ckpt": TORCH,
    ".npz": {FileKind.TORCH},  # a zip, as torch's files are
    ".zip": {FileKind.TORCH},  # of arrays, or of one file of weights
    ".safetensors": {FileKind.SAFETENSORS},
    ".onnx": {FileKind.ONNX},
    ".pkl": {FileKind.PICKLE},
}


def check(path: Path, card: Card, origin: str) -> str:
    """The sha256 of the file at `path`. Raises `FetchError` if it is not the card's."""
    with path.open("rb") as file:
        check_kind(file.read(LOOK), card, origin)
    size = path.stat().st_size
    if card.bytes is not None and size != card.bytes:
        raise FetchError(f"{origin} has {size} bytes, but {card.name} has {card.bytes}")
    digest = computed_sha256(path)
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


def check_archive(start: bytes, package: Package, origin: str) -> None:
    """Raise `FetchError` if a file that begins so cannot be the package's archive."""
    kind = kind_of(start)
    if kind is not FileKind.GZIP:
        raise FetchError(f"{origin} is {kind}, not {package.archive}; expected {FileKind.GZIP}")


def kinds_allowed(card: Card) -> set[FileKind]:
    """What the card's file may hold. Raises `FetchError` for a name that is none of weights."""
    suffix = Path(card.file).suffix
    if suffix not in KINDS:
        raise FetchError(
            f"{card.name}: a file called {card.file} is not fetched; "
            f"weights end in {', '.join(KINDS)}"
        )
    return KINDS[suffix]
