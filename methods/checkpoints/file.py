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

from methods.checkpoints.eight_bits import widened
from methods.checkpoints.file_kinds import LOOK, FileKind, kind_of
from methods.checkpoints.state_dict import CheckpointError

# `legacy` of that repository reads its own pickles, and the older ones of TensorFlow.
CONVERT = (
    "Convert it in a sandbox, in a checkout of NVlabs/stylegan2-ada-pytorch: "
    "python -c \"import legacy, torch; G = legacy.load_network_pkl(open('IN.pkl', 'rb'))['G_ema']; "
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
            start = file.read(LOOK)
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from None
    kind = kind_of(start)
    if kind is FileKind.SAFETENSORS:
        return read_safetensors(path)
    if kind is FileKind.TORCH:
        check_zip(path, size)
    elif kind is not FileKind.LEGACY:
        raise CheckpointError(f"{path} {foreign(start, kind)}")
    loaded = read_torch(path)
    check_tensors(path, loaded, size)
    return loaded


def read_safetensors(path: Path) -> dict[str, object]:
    """The tensors of a safetensors file, of eight bits too."""
    try:
        stored = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(f"{path} is a damaged safetensors file: {error}") from None
    try:
        return dict(widened(stored))
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from None


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
    """Refuse a damaged archive, a program, and what would unpack to more than the file."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise CheckpointError(f"{path} is cut off or damaged: {error}") from None
    if any(Path(name).name == "constants.pkl" for name in names):
        raise CheckpointError(
            f"{path} is a TorchScript program, not tensors alone, and not opened. "
            "Save its tensors: torch.save(module.state_dict(), FILE)"
        )
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


def foreign(start: bytes, kind: FileKind) -> str:
    """What a file that begins so is instead of weights."""
    if kind is FileKind.EMPTY:
        return "is empty"
    if kind is FileKind.WEB_PAGE:
        return "is a web page, not weights: the download met a login or a quota"
    if b"dnnlib" in start or b"torch_utils" in start:
        return (
            f"is an NVIDIA network pickle, which cannot be read without running its code. {CONVERT}"
        )
    if kind is FileKind.PICKLE:
        return "is a Python pickle, not a file of torch, and not opened: reading it could run code"
    return "is not weights: neither safetensors nor a file of torch"


def first_line(error: Exception, word: str = "") -> str:
    """The first line of a message that has the word in it, else its very first."""
    lines = str(error).splitlines() or [type(error).__name__]
    telling = next((line for line in lines if word in line.lower()), lines[0])
    return telling.strip().rstrip(".")
