"""Lists of the pictures that weights were trained on, small enough to ship beside them.

A file `DIGEST.pictures`, named by the digest of the data and shared by all weights trained on it:
a line that says what it is, then 20 bytes a picture, the first four of the sha256 of its file and
the 16 of its fingerprint.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.core.errors import BenchError
from bench.core.files import write_bytes
from bench.pictures.fingerprints import BITS, NEAR_BITS, Bits, distances

SUFFIX = ".pictures"
HEAD = b"bench pictures 1\n"
HASH_BYTES = 4
RECORD = HASH_BYTES + BITS // 8
AT_A_TIME = 64  # pictures looked up at once
MOST_BYTES = 2**30  # a list of fifty million pictures; what is larger is none


@dataclass(frozen=True)
class PictureList:
    """hashes: the first bytes of each file's sha256. fingerprints: (N, BITS)."""

    hashes: frozenset[bytes]
    fingerprints: Bits

    def __len__(self) -> int:
        return len(self.fingerprints)

    def holds_file(self, sha256: str) -> bool:
        """Whether a file of that hash is in the list; wrongly so once in a million, where the
        list has four thousand."""
        return bytes.fromhex(sha256)[:HASH_BYTES] in self.hashes

    def holds_looks(self, seen: Bits) -> NDArray[np.bool_]:
        """(P,): whether each of P pictures with these `views` (P, V, BITS) is in it, as it is or
        nearly so."""
        found = np.zeros(len(seen), np.bool_)
        for start in range(0, len(seen) if len(self) else 0, AT_A_TIME):
            part = seen[start : start + AT_A_TIME]
            apart = distances(part.reshape(-1, BITS), self.fingerprints)
            nearest = apart.reshape(len(part), -1).min(1)
            found[start : start + AT_A_TIME] = nearest <= NEAR_BITS
        return found


def write_list(path: Path, sha256: Sequence[str], fingerprints: Iterable[Bits]) -> None:
    """Write the list of files with these hashes and fingerprints. Raises `DiskError`."""
    records = [
        bytes.fromhex(content)[:HASH_BYTES] + np.packbits(bits).tobytes()
        for content, bits in zip(sha256, fingerprints, strict=True)
    ]
    # Sorted, the order of the files is not told, and the same pictures make the same list.
    write_bytes(path, HEAD + b"".join(sorted(records)))


def read_list(path: Path) -> PictureList:
    """The list in a file. Raises `BenchError` if it is none."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BenchError(f"{path} is larger than a list of pictures may be")
        data = path.read_bytes()
    except OSError as error:
        raise BenchError(f"{path} cannot be read: {error.strerror}") from None
    if not data.startswith(HEAD) or (len(data) - len(HEAD)) % RECORD:
        raise BenchError(f"{path} is no whole list of training pictures, as `bench train` writes")
    records = np.frombuffer(data[len(HEAD) :], np.uint8).reshape(-1, RECORD)
    bits = np.unpackbits(records[:, HASH_BYTES:], axis=1).astype(np.bool_)
    hashes = frozenset(record.tobytes() for record in records[:, :HASH_BYTES])
    return PictureList(hashes, bits)


def count_in(path: Path) -> int:
    """How many pictures a list is of, by its size alone."""
    return max(0, path.stat().st_size - len(HEAD)) // RECORD


def list_digest(path: Path) -> str:
    """Hash of the file's content, 12 hexadecimal digits; empty if there is no such file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""
