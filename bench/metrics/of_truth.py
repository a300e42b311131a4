"""What a metric computes of the truth alone, computed once for all methods of a split.

The cells of a run are worked on by processes of their own, which share files in a folder of the
run's: one for each truth and metric, under the hash of its pixels and of the metric's code and
weights. A file is written whole or not at all, says the sum of what it holds, and is mapped into
memory; one that is absent or damaged is as if it had never been. No score depends on it: the truth
is always looked at by itself, and what is read is what was computed, bit by bit.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from bench.pictures.tensors import to_pixels

LARGEST = 64 * 2**20  # bytes of one truth: VGG16 has 8 MB of a picture of 128 pixels, 32 MB of 256
MOST = 2 * 2**30  # bytes of all truths in one folder
SPARE = 2 * 2**30  # bytes that are left free on the disk
BLOCK = 2**16  # bytes that count as one in the ledger
LEDGER = "ledger"  # the file whose length says how much is kept
SUM = "sum"  # the entry of a file's header


@dataclass(frozen=True)
class OfTruth:
    """Looks up what was computed of a truth; by default it keeps nothing and finds nothing."""

    folder: Path | None = None  # of one split, shared by the processes of one run
    metric: str = ""  # its digest

    def __call__(
        self, truth: Tensor, compute: Callable[[], Iterable[Tensor]], kind: str = ""
    ) -> Iterable[Tensor]:
        """What `compute` gives of the truth (1, 3, H, W), of 8 bits; or gave, of the same one.

        compute: gives tensors of 4 or 8 bytes an element, each to be read and not written into.
        They come as they are computed where they are too many to keep: none is then held longer
        than the caller does. kind: tells apart what one metric computes of one truth.
        """
        if self.folder is None:
            return compute()
        path = self.folder / f"{self.name_of(truth, kind)}.safetensors"
        kept = read(path)
        if kept is not None:
            return kept
        computed, going, size = [], iter(compute()), 0
        for tensor in going:
            computed.append(tensor)
            size += tensor.nbytes
            if size > LARGEST or tensor.device.type != "cpu":  # a GPU computes them sooner
                return chain(computed, going)
        if has_room(self.folder, size):
            write(path, computed)
        return computed

    @property
    def is_new(self) -> bool:
        """Whether nothing was computed of any truth yet: then the means to do so are needed."""
        return self.folder is None or not (self.folder / LEDGER).exists()

    def name_of(self, truth: Tensor, kind: str) -> str:
        """The hash of all that decides what is computed."""
        named = f"{self.metric}|{kind}|{tuple(truth.shape)}|".encode()
        return hashlib.sha256(named + to_pixels(truth).tobytes()).hexdigest()[:32]


def has_room(folder: Path, size: int) -> bool:
    """Whether so many bytes more may be kept; if so they are counted.

    The length of a file counts: processes that lengthen it at once need no lock.
    """
    try:
        if shutil.disk_usage(folder).free < SPARE + size:
            return False
        with (folder / LEDGER).open("ab", buffering=0) as ledger:
            if ledger.tell() * BLOCK + size > MOST:
                return False
            ledger.write(bytes(-(-size // BLOCK) or 1))
    except OSError:  # the folder is another machine's, or gone with the run
        return False
    return True


def write(path: Path, tensors: Sequence[Tensor]) -> None:
    """Put them into a file, in their order; where that cannot be, there is none."""
    temporary = path.with_name(f"{uuid.uuid4().hex}.new")
    named = {f"{place:04d}": tensor.contiguous() for place, tensor in enumerate(tensors)}
    with suppress(OSError, SafetensorError):
        try:
            save_file(named, temporary, {SUM: sum_of(named.values())})
            os.replace(temporary, path)  # noqa: PTH105 - it need not outlive a crash: not synced
        finally:
            temporary.unlink(missing_ok=True)


def read(path: Path) -> list[Tensor] | None:
    """What `write` put there; None if that is not there whole."""
    with suppress(OSError, SafetensorError), safe_open(path, framework="pt") as file:
        tensors = [file.get_tensor(name) for name in sorted(file.keys())]
        if (file.metadata() or {}).get(SUM) == sum_of(tensors):
            return tensors
    return None


def sum_of(tensors: Iterable[Tensor]) -> str:
    """The sum of their bits as whole numbers, which a damaged one changes: a thirtieth of the time
    that a hash of them takes."""
    return str(sum(map(int, words(tensors))))


def words(tensors: Iterable[Tensor]) -> Iterator[np.uint64]:
    """The sum of the 32-bit words of each, modulo 2 ** 64."""
    for tensor in tensors:
        yield tensor.numpy().reshape(-1).view(np.uint32).sum(dtype=np.uint64)
