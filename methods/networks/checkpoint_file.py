"""Files of weights, read without running anything in them.

Safetensors hold nothing but tensors. Torch's own files are pickles, which are programs: they
are read by torch's restricted unpickler only. NVIDIA's network pickles carry source code that
must run to be read, and are refused.
"""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from methods.networks.checkpoint import CheckpointError

ZIP = b"PK\x03\x04"
# How torch's files of before 1.6 begin: protocol 2 and a pickled magic number.
LEGACY = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
WEB_PAGE = (b"<!doctype", b"<html", b"<?xml", b"<head")
CONVERT = (
    "Convert it in a sandbox, with NVlabs/stylegan2-ada-pytorch on the path: "
    "python -c \"import pickle, torch; G = pickle.load(open('IN.pkl', 'rb'))['G_ema']; "
    "torch.save(G.state_dict(), 'OUT.pth')\""
)


def read(path: Path) -> dict[str, object]:
    """What a file of weights holds: tensors by name, perhaps inside wrappers.

    Reads safetensors and torch's files, zipped or legacy; tensors lie on the CPU.
    Raises `CheckpointError` for any other file, for one that is damaged or holds more than data,
    and for tensors that claim more memory than the file has.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from None
    if not start:
        raise CheckpointError(f"{path} is empty")
    if start.lstrip().lower().startswith(WEB_PAGE):
        raise CheckpointError(
            f"{path} is a web page, not weights: the download met a login or a quota"
        )
    if start[8:9] == b"{":
        return read_safetensors(path)
    if start.startswith(ZIP):
        check_zip(path, size)
    elif not start.startswith(LEGACY):
        raise CheckpointError(f"{path}: {foreign(start)}")
    loaded = read_torch(path)
    check_tensors(path, loaded, size)
    return loaded


def read_safetensors(path: Path) -> dict[str, object]:
    """The tensors of a safetensors file."""
    try:
        return dict(load_file(path))
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(f"{path} is a damaged safetensors file: {error}") from None


def read_torch(path: Path) -> dict[str, object]:
    """What torch's restricted unpickler makes of the file."""
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        reason = first_line(error, "unsupported")
        raise CheckpointError(
            f"{path} holds more than data and was not opened, since reading it could run code: "
            f"{reason}. Save its tensors alone: torch.save(network.state_dict(), FILE)"
        ) from None
    except Exception as error:
        raise CheckpointError(f"{path} is a damaged torch file: {first_line(error)}") from None
    if not isinstance(loaded, Mapping):
        raise CheckpointError(f"{path} holds a {type(loaded).__name__}, not tensors by name")
    return dict(loaded)


def check_zip(path: Path, size: int) -> None:
    """Refuse a damaged archive, and one that would unpack to more than the file."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise CheckpointError(f"{path} is cut off or damaged: {error}") from None
    if unpacked > size:
        raise CheckpointError(f"{path} has {size} bytes and would unpack to {unpacked}")


def check_tensors(path: Path, loaded: object, size: int) -> None:
    """Refuse tensors that claim more memory than the file has, such as one number expanded."""
    for name, tensor in tensors_in(loaded):
        if tensor.layout != torch.strided or tensor.numel() * tensor.element_size() > size:
            raise CheckpointError(
                f"{path} has {size} bytes, but its tensor {name} claims to be "
                f"{tuple(tensor.shape)} {tensor.layout}"
            )


def tensors_in(value: object, name: str = "") -> Iterator[tuple[str, Tensor]]:
    """Every tensor in nested mappings, with its dotted name."""
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from tensors_in(inner, f"{name}.{key}" if name else str(key))


def foreign(start: bytes) -> str:
    """What a file that begins so is instead of weights."""
    if b"dnnlib" in start or b"torch_utils" in start:
        return f"an NVIDIA network pickle, which cannot be read without running its code. {CONVERT}"
    if start[:1] == b"\x80":
        return "a Python pickle, not a file of torch, and not opened: reading it could run code"
    return "not weights: neither safetensors nor a file of torch"


def first_line(error: Exception, word: str = "") -> str:
    """The first line of a message that has the word in it, else its very first."""
    lines = str(error).splitlines() or [type(error).__name__]
    telling = next((line for line in lines if word in line.lower()), lines[0])
    return telling.strip().rstrip(".")
