"""Zip archives of weights: torch's own, those that were packed again, one file of weights in a
zip, and NumPy's `.npz`.

Nothing is unpacked to the disk, and nothing to more than a few times the archive's size.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np
import torch
from numpy.lib import format as npy
from torch import Tensor

from methods.checkpoints.array_pickle import NotArrays, read_list
from methods.checkpoints.pickle_protocols import in_protocol_2
from methods.checkpoints.state_dict import CheckpointError, some_keys

HEADER = 1 << 17  # bytes that the header of an array lies within
EXPANSION = 10  # times its size; floats seldom compress to half
SUFFIXES = (".pth", ".pt", ".ckpt", ".bin", ".safetensors")
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError)
SPARE = ("__MACOSX/", ".DS_Store")  # what packers add


class Archive:
    """An open zip of weights. Raises `CheckpointError` if it is damaged, or unpacks to too much."""

    def __init__(self, path: Path, file: IO[bytes], size: int) -> None:
        self.path, self.file = path, file
        try:
            self.zip = zipfile.ZipFile(file)
            self.entries = {
                entry.filename: entry
                for entry in self.zip.infolist()
                if not (entry.is_dir() or any(spare in entry.filename for spare in SPARE))
            }
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise CheckpointError(f"{path} is cut off or damaged: {error}") from None
        whole = self.zip.infolist()
        self.unpacked = sum(entry.file_size for entry in whole)
        is_stored = all(entry.compress_type == zipfile.ZIP_STORED for entry in whole)
        if self.unpacked > size * (1 if is_stored else EXPANSION):
            raise CheckpointError(f"{path} has {size} bytes and would unpack to {self.unpacked}")

    def named(self, name: str) -> list[PurePosixPath]:
        """The entries of that file name, in any folder."""
        return [path for path in map(PurePosixPath, self.entries) if path.name == name]

    @property
    def is_program(self) -> bool:
        """Whether it is TorchScript."""
        return bool(self.named("constants.pkl"))

    @property
    def is_torch(self) -> bool:
        """Whether it is a file of torch."""
        return len(self.named("data.pkl")) == 1

    @property
    def is_numpy(self) -> bool:
        """Whether it is an `.npz`."""
        return bool(self.entries) and all(name.endswith(".npy") for name in self.entries)

    def inner(self) -> bytes:
        """The one file of weights in it. Raises `CheckpointError` if there is none, or several."""
        names = [name for name in self.entries if name.lower().endswith(SUFFIXES)]
        if len(names) == 1:
            return self.content(names[0])
        found = f"holds several, {some_keys(names, 4)}" if names else "holds none"
        inside = "" if names else f", but {some_keys(self.entries, 4) or 'nothing'}"
        raise CheckpointError(
            f"{self.path} is a zip, not a file of weights, and {found}{inside}: unpack it, and "
            "give the file itself"
        )

    def begins(self, name: str, start: bytes) -> bool:
        """Whether an entry begins so."""
        with self.zip.open(name) as entry:
            return entry.read(len(start)) == start

    def content(self, name: str, most: int = -1) -> bytes:
        """An entry, unpacked, or its first `most` bytes."""
        try:
            with self.zip.open(name) as entry:
                return entry.read(most)
        except (*DAMAGE, OSError, EOFError, ValueError) as error:
            raise CheckpointError(f"{self.path} is cut off or damaged: {error}") from None
        except (RuntimeError, NotImplementedError) as error:  # a password, an odd compression
            raise CheckpointError(f"{self.path} cannot be unpacked: {error}") from None

    def as_torch_writes(self) -> IO[bytes]:
        """The file of torch as torch itself would write it: nothing compressed, in one folder, its
        pickle in protocol 2. One that is so already is given as it is.

        Raises `CheckpointError`, and what `in_protocol_2` raises.
        """
        (pickle,) = self.named("data.pkl")
        folder = str(pickle).removesuffix(pickle.name)
        stored = all(e.compress_type == zipfile.ZIP_STORED for e in self.zip.infolist())
        in_place = folder.count("/") == 1 and all(n.startswith(folder) for n in self.zip.namelist())
        if stored and in_place and self.begins(str(pickle), b"\x80\x02"):
            self.file.seek(0)
            return self.file
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as rewritten:
            for name in self.entries:
                if name.startswith(folder):
                    content = self.content(name)
                    if name == str(pickle):
                        content = in_protocol_2(io.BytesIO(content))
                    rewritten.writestr(f"archive/{name.removeprefix(folder)}", content)
        out.seek(0)
        return out

    def arrays(self, device: torch.device) -> Iterator[tuple[str, Tensor]]:
        """The arrays of an `.npz` by name, those of a list by its name and their places, as
        `params.0`. Raises `CheckpointError` for one that is no numbers."""
        for name in self.entries:
            plain = name.removesuffix(".npy")
            if (pickled := self.objects(name)) is None:
                yield plain, self.tensor(name, device)
                continue
            try:
                listed = read_list(pickled)
            except NotArrays as error:
                raise CheckpointError(f"{self.path}: {name} {error}") from None
            for place, array in enumerate(listed):
                yield f"{plain}.{place}", torch.from_numpy(array.copy()).to(device)

    def objects(self, name: str) -> bytes | None:
        """The pickle of an entry that is an array of objects; None of one of numbers."""
        try:
            if not header(io.BytesIO(self.content(name, HEADER)))[1].hasobject:
                return None
            file = io.BytesIO(self.content(name))
            header(file)
            return file.read()
        except (ValueError, TypeError, EOFError, OverflowError) as error:
            raise CheckpointError(f"{self.path}: {name} cannot be read: {error}") from None

    def tensor(self, name: str, device: torch.device) -> Tensor:
        """One array, read by NumPy without unpickling, if the entry is as long as it says. On
        `meta` its header says all."""
        is_whole = device.type != "meta"
        content = self.content(name, -1 if is_whole else HEADER)
        try:
            shape, dtype = header(io.BytesIO(content))
            if dtype.kind not in "fiub":
                raise CheckpointError(f"{self.path}: {name} is of {dtype}, not of numbers")
            if int(np.prod(shape, dtype=object)) * dtype.itemsize > self.entries[name].file_size:
                raise CheckpointError(f"{self.path}: {name} claims to be {shape} of {dtype}")
            own = dtype.newbyteorder("=")
            if not is_whole:
                kind = torch.from_numpy(np.empty(0, own)).dtype
                return torch.empty(shape, dtype=kind, device=device)
            array = npy.read_array(io.BytesIO(content), allow_pickle=False)
            return torch.from_numpy(array.astype(own, order="C")).to(device)
        except CheckpointError:
            raise
        except (ValueError, TypeError, EOFError, OverflowError) as error:
            raise CheckpointError(f"{self.path}: {name} cannot be read: {error}") from None


def header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    """The shape and the type of an array, without its numbers."""
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    return shape, dtype
