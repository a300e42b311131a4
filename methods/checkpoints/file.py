"""Files of weights, read without running anything in them.

Safetensors and NumPy's `.npz` hold nothing but tensors. Torch's own files are pickles, which are
programs: they are read by torch's restricted unpickler only. NVIDIA's network pickles carry source
code that must run to be read, and are refused.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, load_file
from torch import Tensor

from methods.checkpoints.archives import Archive
from methods.checkpoints.eight_bits import widened
from methods.checkpoints.file_kinds import LOOK, PACKED, FileKind, kind_of
from methods.checkpoints.parts import Checkpoint, flattened
from methods.checkpoints.pickle_protocols import in_protocol_2
from methods.checkpoints.state_dict import CheckpointError

CPU, META = torch.device("cpu"), torch.device("meta")
# `legacy` of that repository reads its own pickles, and the older ones of TensorFlow.
CONVERT = (
    "Convert it in a sandbox, in a checkout of NVlabs/stylegan2-ada-pytorch: "
    "python -c \"import legacy, torch; G = legacy.load_network_pkl(open('IN.pkl', 'rb'))['G_ema']; "
    "torch.save(G.state_dict(), 'OUT.pth')\""
)
INSTEAD = {
    FileKind.EMPTY: "is empty",
    FileKind.WEB_PAGE: "is a web page, not weights: the download met a login or a quota",
    FileKind.LFS_POINTER: "is a Git LFS pointer to the file, not the file: get it by "
    "`git lfs pull` in its checkout",
    FileKind.ANNEX_POINTER: "is a git-annex pointer to the file, not the file: get it by "
    "`git annex get` in its checkout",
    FileKind.PICKLE: "is a Python pickle, not a file of torch, and not opened: reading it could "
    "run code",
}
EIGHT_BITS_WIDENED = 4  # times as many bytes in float32
# What safetensors call the types of numbers that networks are published in.
TYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
TYPES |= {"I64": torch.int64, "I32": torch.int32, "I8": torch.int8, "U8": torch.uint8}


def read(path: Path, device: torch.device = CPU) -> Checkpoint:
    """What a file of weights holds: tensors by name, perhaps inside wrappers.

    Reads safetensors, `.npz` and torch's files, zipped or legacy, of every protocol, packed again
    or one in a zip. device: the CPU; or `meta`, on which tensors have shapes and no values, so that
    a file is looked into and not read.

    Raises `CheckpointError` for any other file, for one that is damaged or holds more than data,
    and for tensors that claim more memory than the file has.
    """
    try:
        with path.open("rb") as file:
            loaded, size = opened(path, file, path.stat().st_size, device)
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or error}") from None
    check_tensors(path, loaded, size)
    return Checkpoint(loaded)


def opened(
    path: Path, file: IO[bytes], size: int, device: torch.device, *, is_inner: bool = False
) -> tuple[Mapping[str, object], int]:
    """What a file holds, and how many bytes its tensors may claim; `is_inner`: it is in a zip."""
    start = file.read(LOOK)
    file.seek(0)
    kind = kind_of(start)
    if kind is FileKind.SAFETENSORS:
        return read_safetensors(path, file, device), EIGHT_BITS_WIDENED * size
    if kind is FileKind.LEGACY:
        return read_torch(path, lambda: as_torch_writes(file, start), device), size
    if kind is not FileKind.TORCH:
        raise CheckpointError(f"{path} {foreign(start, kind)}")
    archive = Archive(path, file, size)
    if archive.is_program:
        raise CheckpointError(
            f"{path} is a TorchScript program, not tensors alone, and not opened. "
            "Save its tensors: torch.save(module.state_dict(), FILE)"
        )
    if archive.is_torch:
        return read_torch(path, archive.as_torch_writes, device), archive.unpacked
    if archive.is_numpy:
        return dict(archive.arrays(device)), archive.unpacked
    if is_inner:
        raise CheckpointError(f"{path} is a zip in a zip, not weights: unpack it")
    inner = archive.inner()
    return opened(path, io.BytesIO(inner), len(inner), device, is_inner=True)


def read_safetensors(path: Path, file: IO[bytes], device: torch.device) -> dict[str, object]:
    """The tensors of a safetensors file, of eight bits too."""
    try:
        stored = load(file.read()) if isinstance(file, io.BytesIO) else stored_in(path, device)
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise CheckpointError(f"{path} is a damaged safetensors file: {error}") from None
    try:
        return {name: tensor.to(device) for name, tensor in widened(stored).items()}
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from None


def stored_in(path: Path, device: torch.device) -> dict[str, Tensor]:
    """The tensors as the file has them. On `meta` its header says all."""
    if device != META:
        return dict(load_file(path))
    stored: dict[str, Tensor] = {}
    with safe_open(path, framework="pt") as file:
        for name in file.keys():  # noqa: SIM118 - it is no mapping
            header = file.get_slice(name)
            kind = TYPES.get(header.get_dtype())
            stored[name] = (
                file.get_tensor(name)
                if kind is None
                else torch.empty(header.get_shape(), dtype=kind, device=META)
            )
    return stored


def as_torch_writes(file: IO[bytes], start: bytes) -> IO[bytes]:
    """A legacy file with its pickles in protocol 2: there are five, then the numbers."""
    if start.startswith(b"\x80\x02"):
        return file
    whole = io.BytesIO(file.read())
    pickles = [in_protocol_2(whole) for _ in range(5)]
    return io.BytesIO(b"".join(pickles) + whole.read())


def read_torch(
    path: Path, written: Callable[[], IO[bytes]], device: torch.device
) -> dict[str, object]:
    """What torch's restricted unpickler makes of a file; `written` gives it as torch writes."""
    try:
        loaded = torch.load(written(), map_location=device, weights_only=True)
    except CheckpointError:
        raise
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


def check_tensors(path: Path, loaded: Mapping[str, object], size: int) -> None:
    """Refuse tensors that claim more memory than the file has, such as one number expanded, or
    sides that it could not have."""
    for entry in flattened(loaded):
        tensor, numbers = entry.tensor, entry.tensor.numel()
        largest = max((numbers * tensor.element_size(), *tensor.shape))
        if tensor.layout != torch.strided or largest > size:
            raise CheckpointError(
                f"{path} has {size} bytes, but its tensor {entry.path} claims to be "
                f"{tuple(tensor.shape)} {tensor.layout}"
            )


def foreign(start: bytes, kind: FileKind) -> str:
    """What a file that begins so is instead of weights."""
    if kind in PACKED:
        return f"is {kind}, not weights: unpack it, and give the file of weights in it"
    if b"dnnlib" in start or b"torch_utils" in start:
        return (
            f"is an NVIDIA network pickle, which cannot be read without running its code. {CONVERT}"
        )
    named = "" if kind is FileKind.UNKNOWN else f"{kind}, "
    return INSTEAD.get(kind, f"is {named}not weights: neither safetensors nor a file of torch")


def first_line(error: Exception, word: str = "") -> str:
    """The first line of a message that has the word in it, else its very first."""
    lines = str(error).splitlines() or [type(error).__name__]
    telling = next((line for line in lines if word in line.lower()), lines[0])
    return telling.strip().rstrip(".")
